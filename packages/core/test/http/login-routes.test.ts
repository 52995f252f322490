import { fakeClock } from "@sluice/testkit";
import { beforeEach, describe, expect, it } from "vitest";
import { type Call, callable } from "./call.js";
import { plainPasswords } from "./plain-passwords.js";

const ADMIN = { username: "admin", password: "admin123" };
const KIM = { username: "kim", password: "correct horse", role: "operator" };

let call: Call;
let gateway: ReturnType<typeof callable>["gateway"];
beforeEach(() => {
  ({ call, gateway } = callable({ passwordHasher: plainPasswords, auth: { adminPassword: ADMIN.password } }));
});

function bearer(token: unknown) {
  return { headers: { authorization: `Bearer ${token}` } };
}

async function loggedIn(json: object = ADMIN): Promise<string> {
  const { body } = await call("POST /v1/auth/login", { json });
  return (body as { token: string }).token; // the schema has been checked
}

describe("POST /v1/auth/login", () => {
  it("answers the documented body, and nothing else", async () => {
    const { status, body } = await call("POST /v1/auth/login", { json: ADMIN });
    expect(status).toBe(200);
    expect(body).toEqual({
      token: expect.stringMatching(/^eyJ[\w-]+\.[\w-]+\.[\w-]{43}$/),
      user: { id: "admin", username: "admin", role: "admin" },
    });
  });

  it("names the first admin as configured", async () => {
    const named = callable({
      passwordHasher: plainPasswords,
      auth: { adminUsername: "Root User", adminPassword: "x" },
    });
    const { body } = await named.call("POST /v1/auth/login", { json: { username: "Root User", password: "x" } });
    expect(body).toMatchObject({ user: { id: "Root User", username: "Root User", role: "admin" } });
  });

  it("says the same of a wrong password and of a name nobody has", async () => {
    const wrong = await call("POST /v1/auth/login", { json: { ...ADMIN, password: "admin124" } });
    const nobody = await call("POST /v1/auth/login", { json: { username: "nobody", password: "admin123" } });
    expect(wrong.status).toBe(401);
    expect(wrong.body).toEqual({ error: "Authentication required", details: "username or password is wrong" });
    expect([nobody.status, nobody.body]).toEqual([wrong.status, wrong.body]);
  });

  it.each([
    {},
    { username: "admin" },
    { password: "admin123" },
    { username: 7, password: "admin123" },
    { username: "admin", password: 123 },
    { username: null, password: null },
    { username: ["admin"], password: { $ne: "" } },
    { username: "", password: "admin123" },
    { username: "admin", password: "" },
    { username: "admin", password: "ü".repeat(513) },
    { username: true, password: true },
  ])("answers 400 to %j, naming the field", async (json) => {
    const { status, body } = await call("POST /v1/auth/login", { json });
    expect(status).toBe(400);
    expect(body).toMatchObject({ details: expect.stringMatching(/^(?:username|password): /) });
  });

  it("takes a name made to be something else for a name", async () => {
    for (const username of ["__proto__", "constructor", "admin' --", "admin\u0000", "\ud800"]) {
      expect((await call("POST /v1/auth/login", { json: { username, password: "x" } })).status).toBe(401);
    }
  });

  it("answers 429 to an address that fails ten times, and to nobody else", async () => {
    const clock = fakeClock();
    const guarded = callable({ clock, passwordHasher: plainPasswords, auth: { adminPassword: ADMIN.password } });
    const statuses: number[] = [];
    for (let round = 0; round < 11; round++) {
      const answer = guarded.call("POST /v1/auth/login", { json: { username: `user${round}`, password: "x" } });
      statuses.push((await answer).status);
    }
    expect(statuses).toEqual([...Array(10).fill(401), 429]);
    const refused = await guarded.call("POST /v1/auth/login", { json: ADMIN });
    expect([refused.status, Number(refused.headers.get("retry-after"))]).toEqual([429, 900]);
    const elsewhere = await guarded.gateway.auth.login(ADMIN, { address: "203.0.113.7" });
    expect(elsewhere.user.id).toBe("admin");
  });
});

describe("a token", () => {
  it("is a credential in either header", async () => {
    const token = await loggedIn();
    for (const headers of [{ authorization: `Bearer ${token}` }, { "x-api-key": token }]) {
      const { status, body } = await call("GET /v1/auth/me", { headers });
      expect([status, body]).toEqual([200, { user: expect.objectContaining({ id: "admin", role: "admin" }) }]);
    }
  });

  it("ends with logout, and only that one does", async () => {
    const [one, other] = [await loggedIn(), await loggedIn()];
    expect(await call("POST /v1/auth/logout", bearer(one))).toMatchObject({ status: 200, body: { success: true } });
    expect((await call("GET /v1/auth/me", bearer(one))).status).toBe(401);
    expect((await call("GET /v1/auth/me", bearer(other))).status).toBe(200);
  });

  it("ends with its time", async () => {
    const clock = fakeClock();
    const short = callable({
      clock,
      passwordHasher: plainPasswords,
      auth: { adminPassword: "x", tokenTtlSeconds: 60 },
    });
    const { token } = await short.gateway.auth.login({ username: "admin", password: "x" });
    expect((await short.call("GET /v1/auth/me", bearer(token))).status).toBe(200);
    clock.advance(66_000);
    expect((await short.call("GET /v1/auth/me", bearer(token))).status).toBe(401);
  });

  it("ends when its user gets another role, or is gone", async () => {
    await gateway.users.create({ ...KIM, role: "operator" });
    const token = await loggedIn(KIM);
    await gateway.users.update("kim", { role: "viewer" });
    expect((await call("GET /v1/auth/me", bearer(token))).status).toBe(401);
    const again = await loggedIn(KIM);
    await gateway.users.delete("kim");
    expect((await call("GET /v1/auth/me", bearer(again))).status).toBe(401);
    await gateway.users.create({ ...KIM, role: "operator" });
    expect((await call("GET /v1/auth/me", bearer(again))).status).toBe(401);
  });

  it("of one gateway is nothing to another with another secret", async () => {
    const token = await loggedIn();
    const other = callable({ passwordHasher: plainPasswords, auth: { adminPassword: ADMIN.password } });
    expect((await other.call("GET /v1/auth/me", bearer(token))).status).toBe(401);
  });
});

describe("POST /v1/auth/password", () => {
  const change = { currentPassword: ADMIN.password, newPassword: "another one" };

  it("ends every token of the user, and answers a new one", async () => {
    const [one, other] = [await loggedIn(), await loggedIn()];
    const { status, body } = await call("POST /v1/auth/password", { json: change, ...bearer(one) });
    expect(status).toBe(200);
    for (const token of [one, other]) expect((await call("GET /v1/auth/me", bearer(token))).status).toBe(401);
    expect((await call("GET /v1/auth/me", bearer((body as { token: string }).token))).status).toBe(200);
    expect((await call("POST /v1/auth/login", { json: ADMIN })).status).toBe(401);
    expect(await loggedIn({ ...ADMIN, password: change.newPassword })).toBeTypeOf("string");
  });

  it("asks for the password there is, and changes nothing without", async () => {
    const token = await loggedIn();
    const json = { ...change, currentPassword: "wrong" };
    expect((await call("POST /v1/auth/password", { json, ...bearer(token) })).status).toBe(401);
    expect((await call("GET /v1/auth/me", bearer(token))).status).toBe(200);
  });

  it("is for users: a key has no password", async () => {
    const { secret } = await gateway.keys.create({ role: "admin" });
    expect((await call("POST /v1/auth/password", { json: change, ...bearer(secret) })).status).toBe(403);
    expect((await call("POST /v1/auth/password", { json: change })).status).toBe(403);
  });
});

describe("GET /v1/auth/me", () => {
  it("says which key is calling", async () => {
    const { secret, key } = await gateway.keys.create({ name: "shop" });
    expect((await call("GET /v1/auth/me", bearer(secret))).body).toEqual({
      key: { ...key, lastUsedAt: expect.any(String) },
    });
  });

  it("knows nobody where nobody said who he is", async () => {
    expect((await call("GET /v1/auth/me")).status).toBe(401);
  });

  it("says whom the host application has identified", async () => {
    const host = callable({ identify: () => ({ id: "sam", role: "viewer" }) });
    expect((await host.call("GET /v1/auth/me")).body).toEqual({
      user: { id: "sam", username: "sam", role: "viewer" },
    });
  });
});
