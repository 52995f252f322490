import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { expectRefusal, request, type Target, target } from "./raw-socket.js";

let at: Target;
beforeAll(async () => {
  at = await target();
});
afterEach(() => at.expectAlive());
afterAll(() => at.close());

const WRITING = [
  ["POST /v1/chat/completions", '{"messages":[{"role":"user","content":"Hello!"}]}'],
  ["POST /v1/models", '{"id":"stolen","provider":"openai","apiModelName":"x","layer":"L0"}'],
  ["PUT /v1/models/openrouter-llama-3.3-70b-free", '{"enabled":false}'],
  ["DELETE /v1/models/openrouter-llama-3.3-70b-free", ""],
] as const;

describe.each(WRITING)("%s", (line, body) => {
  it.each([
    ["https://evil.example", "cross-site"],
    ["http://localhost", "same-site"],
    ["http://localhost:1", "same-site"],
    ["http://127.0.0.1:3000", "cross-site"],
    ["null", "cross-site"],
    ["file://", "cross-site"],
  ])("from a page of %s: 403, and nothing happens", async (origin, site) => {
    const before = await at.gateway.models.list();
    expectRefusal(await at.send(request(at.port, line, { origin }, body)), 403);
    expectRefusal(await at.send(request(at.port, line, { "sec-fetch-site": site }, body)), 403);
    expect(await at.gateway.models.list()).toEqual(before);
  });

  it.each(["evil.example", "0.0.0.0", "localhost.evil.example", "192.168.0.10", "[::]"])(
    "under the name %s, as a page gets it by rebinding DNS: 403",
    async (name) => {
      const host = `${name}:${at.port}`;
      expectRefusal(await at.send(request(at.port, line, { host }, body)), 403);
      expectRefusal(await at.send(request(at.port, line, { host, origin: `http://${host}` }, body)), 403);
    },
  );

  it.each(["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=a"])(
    "as %s, which needs no preflight: refused",
    async (type) => {
      if (body === "") return; // DELETE is never simple
      expectRefusal(await at.send(request(at.port, line, { "content-type": type }, body)), 415);
    },
  );

  it("a preflight gets no permission", async () => {
    const path = line.split(" ")[1];
    const headers = { origin: "https://evil.example", "access-control-request-method": "POST" };
    const answer = await at.send(request(at.port, `OPTIONS ${path}`, headers));
    expectRefusal(answer, 403);
    expect([...answer.headers.keys()].filter((name) => name.startsWith("access-control-"))).toEqual([]);
  });

  it("OPTIONS from no page: 405 with what is allowed", async () => {
    const answer = await at.send(request(at.port, `OPTIONS ${line.split(" ")[1]}`));
    expectRefusal(answer, 405);
    expect(answer.headers.get("allow")).toContain(line.split(" ")[0]);
  });
});

describe("pages of our own", () => {
  it("may call", async () => {
    const headers = { origin: `http://localhost:${at.port}`, "sec-fetch-site": "same-origin" };
    expect((await at.send(request(at.port, "GET /v1/models", headers))).status).toBe(200);
  });

  it("are shown to whoever types the address", async () => {
    const headers = { "sec-fetch-site": "none", "sec-fetch-mode": "navigate" };
    expect((await at.send(request(at.port, "GET /docs", headers))).status).toBe(200);
  });
});

describe("an upgrade to WebSocket", () => {
  const upgrade = {
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
  };

  it.each([
    ["/nope", {}, 404],
    ["/v1/models", { origin: "https://evil.example" }, 403],
    ["/v1/models", { host: "evil.example" }, 403],
    ["/v1/terminal/term-1/attach", { origin: "null" }, 403],
    ["/v1/models/%zz", {}, 400],
  ])("of %s with %j: %d", async (path, headers, status) => {
    expectRefusal(await at.send(request(at.port, `GET ${path}`, { ...upgrade, ...headers })), status);
  });

  it.each(["websocket", "h2c"])(
    "to %s where nothing upgrades is passed over, as RFC 9110 7.8 allows",
    async (protocol) => {
      expect((await at.send(request(at.port, "GET /livez", { ...upgrade, upgrade: protocol }))).status).toBe(200);
    },
  );
});

describe("every answer", () => {
  it.each(["GET /livez", "GET /v1/models", "GET /docs", "GET /nope", "DELETE /livez"])(
    "%s says who may use it",
    async (line) => {
      const { headers } = await at.send(request(at.port, line));
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("referrer-policy")).toBe("no-referrer");
      expect(headers.get("cross-origin-resource-policy")).toBe("same-origin");
      expect(headers.get("cache-control")).toBe("no-store");
      expect(headers.has("x-powered-by")).toBe(false);
      expect(headers.has("access-control-allow-origin")).toBe(false);
    },
  );
});
