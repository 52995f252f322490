import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { expectRefusal, request, type Target, target } from "./raw-socket.js";

let at: Target;
beforeAll(async () => {
  at = await target();
});
afterEach(() => at.expectAlive());
afterAll(() => at.close());

const METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"];
const ROUTES: Readonly<Record<string, readonly string[]>> = {
  "/": ["GET"],
  "/health": ["GET"],
  "/livez": ["GET"],
  "/readyz": ["GET"],
  "/openapi.json": ["GET"],
  "/docs": ["GET"],
  "/v1/chat/completions": ["POST"],
  "/v1/models": ["GET", "POST"],
  "/v1/models/some/model": ["GET", "PUT", "DELETE"],
};

describe.each(Object.entries(ROUTES))("%s", (path, allowed) => {
  it("answers every other method with 405 and what it allows", async () => {
    for (const method of METHODS.filter((each) => !allowed.includes(each))) {
      const answer = await at.send(request(at.port, `${method} ${path}`));
      expectRefusal(answer, 405);
      const names = answer.headers
        .get("allow")
        ?.split(", ")
        .filter((name) => name !== "HEAD");
      expect(names?.sort()).toEqual([...allowed].sort());
    }
  });

  it("with a slash at its end is another path: 404", async () => {
    if (path === "/" || path.startsWith("/v1/models/")) return; // "//" below; an id may end in a slash
    expectRefusal(await at.send(request(at.port, `GET ${path}/`)), 404);
  });
});

describe("paths that are not there", () => {
  it.each([
    "//",
    "//health",
    "/health/../health",
    "/./health",
    "/HEALTH",
    "/health%2f",
    "/health;a=b",
    "/health%00",
    "/v1/models/",
    "/v1/chat/completions/",
    "/v1/chat/completions/x",
    "/.git/config",
    "/assets/../../etc/passwd",
    "/assets/%2e%2e/%2e%2e/etc/passwd",
    "/__proto__",
    "/constructor",
    "/%",
  ])("GET %s: 404", async (path) => {
    expectRefusal(await at.send(request(at.port, `GET ${path}`)), 404);
  });
});

describe("ids", () => {
  it.each(["GET", "PUT", "DELETE"])("%s with a bad percent escape or a control character: 400", async (method) => {
    for (const id of [
      "%",
      "%z",
      "%zz",
      "%2",
      "a%",
      "%C3",
      "%C3%28",
      "%ED%A0%80",
      "%00",
      "a%0d%0aSet-Cookie:x",
      "%7f",
      "a/%zz",
    ]) {
      const body = method === "PUT" ? '{"priority":1}' : "";
      expectRefusal(await at.send(request(at.port, `${method} /v1/models/${id}`, {}, body)), 400);
    }
  });

  it.each([
    "a",
    "%2e%2e%2f",
    "../../etc/passwd",
    "__proto__",
    "constructor",
    "%25%30%30",
    "%F0%9F%90%99",
    "'; DROP TABLE models;--".replaceAll(" ", "%20"),
    "x".repeat(8_000),
  ])("%s is no model: 404", async (id) => {
    expectRefusal(await at.send(request(at.port, `GET /v1/models/${id}`)), 404);
    expectRefusal(await at.send(request(at.port, `DELETE /v1/models/${id}`)), 404);
    expectRefusal(await at.send(request(at.port, `PUT /v1/models/${id}`, {}, '{"priority":1}')), 404);
  });

  it("layers is none: 400", async () => {
    expectRefusal(await at.send(request(at.port, "PUT /v1/models/layers", {}, '{"priority":1}')), 400);
    expectRefusal(await at.send(request(at.port, "DELETE /v1/models/layers")), 400);
  });

  it("are decoded once", async () => {
    const model = { id: "a/b:c.d%2F", provider: "openai", apiModelName: "x", layer: "L1" };
    expect((await at.send(request(at.port, "POST /v1/models", {}, JSON.stringify(model)))).status).toBe(201);
    expect((await at.send(request(at.port, "GET /v1/models/a%2Fb%3Ac.d%252F"))).status).toBe(200);
    expectRefusal(await at.send(request(at.port, "GET /v1/models/a/b:c.d/")), 404);
    expectRefusal(await at.send(request(at.port, "GET /v1/models/a/b:c.d%2F")), 404);
  });
});

describe("credentials that mean nothing in development", () => {
  it.each(["Bearer unused", "Bearer sk-test", "Basic YTpi", "Bearer", "unused"])(
    "%s is ignored",
    async (authorization) => {
      expect((await at.send(request(at.port, "GET /v1/models", { authorization }))).status).toBe(200);
    },
  );

  it.each([
    { authorization: "Bearer slc_abcdefgh" },
    { authorization: "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9." },
    { "x-api-key": "slc_abcdefgh" },
  ])("%j looks like ours and is none: 401", async (headers) => {
    expectRefusal(await at.send(request(at.port, "GET /v1/models", headers)), 401);
  });
});
