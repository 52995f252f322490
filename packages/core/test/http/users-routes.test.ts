import { beforeEach, describe, expect, it } from "vitest";
import { type Call, callable } from "./call.js";
import { plainPasswords } from "./plain-passwords.js";

const KIM = { username: "kim", password: "correct horse", role: "operator", terminals: ["ssh"] };

let call: Call;
beforeEach(() => {
  ({ call } = callable({ passwordHasher: plainPasswords, auth: { adminPassword: "admin123" } }));
});

describe("/v1/users", () => {
  it("adds, shows, changes and removes a user, and never shows a password", async () => {
    const created = await call("POST /v1/users", { json: KIM });
    const kim = { id: "kim", username: "kim", role: "operator", terminals: ["ssh"], createdAt: expect.any(String) };
    expect([created.status, created.body]).toEqual([201, kim]);
    expect((await call("GET /v1/users/kim")).body).toEqual(kim);
    const changed = await call("PATCH /v1/users/kim", { json: { role: "viewer", terminals: [] } });
    expect([changed.status, changed.body]).toEqual([200, { ...kim, role: "viewer", terminals: [] }]);
    await call("POST /v1/auth/login", { json: { username: "admin", password: "admin123" } }); // the first admin is there
    const { body } = await call("GET /v1/users");
    expect((body as { data: { id: string }[] }).data.map(({ id }) => id)).toEqual(["admin", "kim"]);
    expect(JSON.stringify(body)).not.toMatch(/scrypt|assword/);
    expect((await call("DELETE /v1/users/kim")).body).toEqual({ id: "kim", deleted: true });
    expect((await call("GET /v1/users/kim")).status).toBe(404);
    expect((await call("DELETE /v1/users/kim")).status).toBe(404);
  });

  it("makes a viewer of whoever gets no role", async () => {
    const { body } = await call("POST /v1/users", { json: { username: "kim", password: "correct horse" } });
    expect(body).toMatchObject({ role: "viewer", terminals: [] });
  });

  it("sets another password", async () => {
    await call("POST /v1/users", { json: KIM });
    await call("PATCH /v1/users/kim", { json: { password: "another horse" } });
    const login = (password: string) => call("POST /v1/auth/login", { json: { username: "kim", password } });
    expect((await login("another horse")).status).toBe(200);
    expect((await login("correct horse")).status).toBe(401);
  });

  it.each([
    [400, { ...KIM, username: "" }],
    [400, { ...KIM, username: "a b" }],
    [400, { ...KIM, username: "-a" }],
    [400, { ...KIM, username: "a".repeat(65) }],
    [400, { ...KIM, username: 7 }],
    [400, { ...KIM, password: undefined }],
    [400, { ...KIM, password: "" }],
    [400, { ...KIM, role: "root" }],
    [400, { ...KIM, terminals: ["rlogin"] }],
    [409, { ...KIM, username: "Kim" }],
    [409, KIM],
  ])("answers %d to %j beside kim, and adds nobody", async (expected, json) => {
    await call("POST /v1/users", { json: KIM });
    expect((await call("POST /v1/users", { json })).status).toBe(expected);
    const { body } = await call("GET /v1/users");
    expect((body as { data: object[] }).data.filter((user) => "id" in user && user.id !== "admin")).toHaveLength(1);
  });

  it("asks for eight characters in production", async () => {
    const production = callable({ passwordHasher: plainPasswords, mode: "production" });
    const { secret } = await production.gateway.keys.create({ role: "admin" });
    const headers = { authorization: `Bearer ${secret}` };
    const add = (password: string) =>
      production.call("POST /v1/users", { headers, json: { username: "kim", password } });
    expect((await add("seven 7")).status).toBe(400);
    expect((await add("eight  8")).status).toBe(201);
  });

  it("keeps one admin", async () => {
    await call("POST /v1/auth/login", { json: { username: "admin", password: "admin123" } });
    expect((await call("DELETE /v1/users/admin")).status).toBe(409);
    expect((await call("PATCH /v1/users/admin", { json: { role: "viewer" } })).status).toBe(409);
    await call("POST /v1/users", { json: { ...KIM, role: "admin" } });
    expect((await call("DELETE /v1/users/admin")).status).toBe(200);
    expect((await call("DELETE /v1/users/kim")).status).toBe(409);
  });

  it("are not for keys whose rights are narrower than their role", async () => {
    const { gateway, call: closed } = callable({ passwordHasher: plainPasswords, mode: "production" });
    for (const rights of [
      { models: ["a"] },
      { layers: ["L0" as const] },
      { scopes: ["chat" as const] },
      { limits: { requests: 1 } },
      { expiresAt: "2999-01-01T00:00:00Z" },
    ]) {
      const { secret } = await gateway.keys.create({ role: "admin", ...rights });
      const headers = { authorization: `Bearer ${secret}` };
      expect([rights, (await closed("POST /v1/users", { headers, json: KIM })).status]).toEqual([rights, 403]);
    }
  });
});
