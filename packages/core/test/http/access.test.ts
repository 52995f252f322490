import { ROLES, type Role } from "@sluice/core";
import { beforeAll, describe, expect, it } from "vitest";
import type { Route } from "../../src/http/route.js";
import { routes } from "../../src/http/routes/index.js";
import { isAtLeast } from "../../src/spec/http.js";
import { type Call, callable } from "./call.js";

const { gateway, call } = callable({ mode: "production", mcp: { enabled: true } });
const secrets = new Map<Role, string>();

beforeAll(async () => {
  for (const role of ROLES) secrets.set(role, (await gateway.keys.create({ role })).secret);
});

const HEADERS = [
  ["authorization", (credential: string) => `Bearer ${credential}`],
  ["x-api-key", (credential: string) => credential],
] as const;

const table = routes.map((route) => [`${route.method} ${route.path.replace(":id", "nobody")}`, route] as const);
const closed = table.filter(([, { access }]) => access !== "public");

/** The status of a request that brings a credential and nothing a handler could work with. */
async function statusOf(line: string, headers: Record<string, string>, using: Call = call): Promise<number> {
  return (await using(line, { headers })).status;
}

describe("every route", () => {
  it.each(table)("%s says who may use it", (_line, { access }: Route) => {
    expect(["public", ...ROLES]).toContain(access);
  });

  it("is public only where it shows nothing and changes nothing, or is the login", () => {
    const open = table.filter(([, { access }]) => access === "public").map(([line]) => line);
    // A ticket is the credential there.
    expect(open.filter((line) => line !== "GET /v1/terminal/nobody/attach")).toEqual([
      "POST /v1/auth/login",
      "GET /health",
      "GET /livez",
      "GET /readyz",
      "GET /health/liveliness",
      "GET /health/readiness",
      "GET /openapi.json",
      "GET /docs",
      "GET /",
    ]);
  });
});

describe.each(HEADERS)("in production, by %s,", (header, written) => {
  it.each(closed)("%s is closed to everybody below its role", async (line, { access }) => {
    expect(await statusOf(line, {})).toBe(401);
    const { secret: revoked, key } = await gateway.keys.create({ role: "admin" });
    await gateway.keys.delete(key.id);
    for (const wrong of ["unused", "slc_", "a.b.c", revoked, `${secrets.get("admin")}x`, ""]) {
      expect([wrong, await statusOf(line, { [header]: written(wrong) })]).toEqual([wrong, 401]);
    }
    for (const [role, secret] of secrets) {
      const status = await statusOf(line, { [header]: written(secret) });
      if (!isAtLeast(role, access as Role)) expect([role, status]).toEqual([role, 403]);
      else expect([role, [401, 403].includes(status)]).toEqual([role, false]);
    }
  });
});

describe("in development", () => {
  const development = callable({ mcp: { enabled: true } });

  it.each(closed)("%s is open to whoever shows nothing that could be ours", async (line) => {
    if (line.endsWith("/v1/auth/me")) return; // there is nobody to speak of
    if (line.includes("/v1/terminal/")) return; // an embedded gateway opens terminals for identities alone
    for (const headers of [{}, { authorization: "Bearer unused" }, { "x-api-key": "sk-test" }]) {
      expect([401, 403]).not.toContain(await statusOf(line, headers, development.call));
    }
  });

  it.each(closed)("%s takes a credential that looks like ours for what it is", async (line) => {
    for (const [header, written] of HEADERS) {
      for (const wrong of ["slc_wrong", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9."]) {
        expect(await statusOf(line, { [header]: written(wrong) }, development.call)).toBe(401);
      }
    }
    const { secret } = await development.gateway.keys.create();
    const status = await statusOf(line, { authorization: `Bearer ${secret}` }, development.call);
    expect(status === 401).toBe(false);
  });
});
