import { describe, expect, it } from "vitest";
import { callable } from "./call.js";

describe("the pages", () => {
  it.each(["/", "/docs"])("%s is public and needs nothing but itself", async (path) => {
    const { status, headers, body } = await callable({ mode: "production" }).call(`GET ${path}`);
    const page = String(body);
    expect(status).toBe(200);
    expect(headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(page).not.toMatch(/<script|<img|<iframe|<form|@import|url\(|\son\w+=|javascript:/i);
    expect(page).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
    const nonce = /<style nonce="(\w{32})">/.exec(page)?.[1];
    expect(headers.get("content-security-policy")).toContain(`default-src 'none'; style-src 'nonce-${nonce}';`);
    expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
  });

  it("never use a nonce twice", async () => {
    const { call } = callable();
    const policies = await Promise.all([call("GET /docs"), call("GET /docs")]);
    expect(new Set(policies.map(({ headers }) => headers.get("content-security-policy"))).size).toBe(2);
  });

  it("lead from one to the other", async () => {
    const { call } = callable();
    expect((await call("GET /")).body).toMatch(/href="docs".*href="openapi.json".*href="health"/s);
    expect((await call("GET /docs")).body).toContain('href="openapi.json"');
  });

  it("have a place for each operation and each schema they link to", async () => {
    const page = String((await callable().call("GET /docs")).body);
    const places = new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
    const links = [...page.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
    expect(links.length).toBeGreaterThan(40);
    expect(links.filter((id) => !places.has(id))).toEqual([]);
  });
});

describe("methods", () => {
  it.each([
    ["PUT /v1/chat/completions", "POST"],
    ["OPTIONS /v1/chat/completions", "POST"],
    ["DELETE /health", "GET, HEAD"],
    ["POST /v1/models/layers", "GET, HEAD"],
    ["PATCH /v1/models/a", "GET, PUT, DELETE, HEAD"],
  ])("%s: 405, allowed %s", async (line, allow) => {
    const { status, headers, body } = await callable().call(line);
    expect([status, headers.get("allow")]).toEqual([405, allow]);
    expect(body).toMatchObject({ error: "Method not allowed", details: `allowed here: ${allow}` });
  });

  it.each(["/v1", "/v1/", "/v1/models/", "/health/", "/docs/", "/v1/chat", "/favicon.ico", "/.env", "//health"])(
    "GET %s: 404",
    async (path) => {
      expect((await callable().call(`GET ${path}`)).status).toBe(404);
    },
  );

  it("the query string does not matter", async () => {
    expect((await callable().call("GET /livez?deep=/v1/models")).status).toBe(200);
  });
});

describe("CORS", () => {
  const origin = "https://app.example.com";
  const preflight = { origin, "sec-fetch-site": "cross-site", "access-control-request-method": "POST" };

  it("is off: a preflight is 403, nothing is allowed", async () => {
    const { status, headers } = await callable().call("OPTIONS /v1/chat/completions", { headers: preflight });
    expect(status).toBe(403);
    expect(headers.get("access-control-allow-origin")).toBeNull();
    expect(headers.get("cross-origin-resource-policy")).toBe("same-origin");
  });

  it("answers the preflight of a configured origin", async () => {
    const { call } = callable({ corsOrigins: [`${origin}/`] });
    const asked = { ...preflight, "access-control-request-headers": "authorization,x-stainless-lang" };
    const { status, headers, body } = await call("OPTIONS /v1/chat/completions", { headers: asked });
    expect([status, body]).toEqual([204, ""]);
    expect(headers.get("access-control-allow-origin")).toBe(origin);
    expect(headers.get("access-control-allow-methods")).toContain("POST");
    expect(headers.get("access-control-allow-headers")).toBe("authorization,x-stainless-lang");
    expect(headers.get("access-control-allow-credentials")).toBeNull();
    expect(headers.get("vary")).toBe("origin");
  });

  it("lets a configured origin read answers and their headers, errors included", async () => {
    const { call } = callable({ corsOrigins: [origin] });
    for (const path of ["/v1/models", "/v1/models/nope"]) {
      const { headers } = await call(`GET ${path}`, { headers: { origin, "sec-fetch-site": "cross-site" } });
      expect(headers.get("access-control-allow-origin")).toBe(origin);
      expect(headers.get("access-control-expose-headers")).toContain("x-sluice-provider");
    }
  });

  it("lets nobody else in, and says that answers differ by origin", async () => {
    const { call } = callable({ corsOrigins: [origin] });
    const { status, headers } = await call("GET /v1/models", { headers: { origin: "https://evil.example" } });
    expect(status).toBe(403);
    expect(headers.get("access-control-allow-origin")).toBeNull();
    expect(headers.get("vary")).toBe("origin");
  });

  it("exposes every header a chat carries", async () => {
    const { call } = callable({ corsOrigins: [origin] });
    const json = { messages: [{ role: "user", content: "Hello!" }] };
    const { status, headers } = await call("POST /v1/chat/completions", { json, headers: { origin } });
    expect(status).toBe(200);
    const exposed = headers.get("access-control-expose-headers")?.split(", ") ?? [];
    const own = [...headers.keys()].filter((name) => name.startsWith("x-sluice-"));
    expect(own.length).toBeGreaterThan(5);
    expect(own.filter((name) => !exposed.includes(name))).toEqual([]);
  });

  it("leaves an OPTIONS that is no preflight alone", async () => {
    const { call } = callable({ corsOrigins: [origin] });
    expect((await call("OPTIONS /v1/models", { headers: { origin } })).status).toBe(405);
    expect((await call("OPTIONS /v1/models")).status).toBe(405);
  });
});
