import { type Identity, memoryStore, type NewApiKey } from "@sluice/core";
import { fakeClock } from "@sluice/testkit";
import { describe, expect, it } from "vitest";
import { callable } from "./call.js";
import { plainPasswords } from "./plain-passwords.js";

interface Made {
  readonly key: { readonly id: string; readonly [field: string]: unknown };
  readonly secret: string;
}

/** Development, where an admin is whoever says nothing. */
function open() {
  const clock = fakeClock();
  const parts = callable({ clock, passwordHasher: plainPasswords });
  const create = async (json: NewApiKey = {}, headers = {}): Promise<Made> =>
    (await parts.call("POST /v1/keys", { json, headers })).body as Made; // the schema has been checked
  const statusWith = async (secret: string, line = "GET /v1/models") =>
    (await parts.call(line, { headers: { authorization: `Bearer ${secret}` } })).status;
  return { ...parts, clock, create, statusWith };
}

const FULL = {
  name: "shop",
  role: "client",
  scopes: ["chat", "terminal:ssh"],
  models: ["simulator"],
  layers: ["L0"],
  limits: { requests: 10, windowSeconds: 60, tokensPerMinute: null, concurrency: 2 },
  expiresAt: "2027-01-01T00:00:00Z",
} as const;

describe("/v1/keys", () => {
  it("makes a key whose secret is shown once", async () => {
    const { call } = open();
    const { status, body } = await call("POST /v1/keys", { json: FULL });
    const { key, secret } = body as Made;
    expect(status).toBe(201);
    expect(secret).toMatch(/^slc_[0-9A-Za-z]{57}$/);
    expect(key).toEqual({
      ...FULL,
      id: secret.slice(4, 12),
      prefix: secret.slice(0, 12),
      userId: null,
      createdBy: { id: "anonymous", kind: "anonymous" },
      createdAt: "2026-01-01T00:00:00.000Z",
      lastUsedAt: null,
      previousUntil: null,
    });
    for (const line of ["GET /v1/keys", `GET /v1/keys/${key.id}`, "GET /v1/audit"]) {
      expect(JSON.stringify((await call(line)).body)).not.toContain(secret.slice(12));
    }
    expect((await call("GET /v1/keys")).body).toEqual({ data: [key] });
  });

  it("keeps nothing a key could be made from", async () => {
    const store = memoryStore();
    const { gateway } = callable({ store });
    const { secret } = await gateway.keys.create();
    const { KEYS } = await import("../../src/schemas/api-key.js");
    const { entries } = await store.entries(KEYS).load();
    expect(JSON.stringify([...entries])).not.toContain(secret.slice(12, 40));
  });

  it("revokes at once", async () => {
    const { call, create, statusWith } = open();
    const { key, secret } = await create();
    expect(await statusWith(secret)).toBe(200);
    expect((await call(`DELETE /v1/keys/${key.id}`)).body).toEqual({ id: key.id, deleted: true });
    expect(await statusWith(secret)).toBe(401);
    expect((await call(`DELETE /v1/keys/${key.id}`)).status).toBe(404);
  });

  it("rotates: the old secret is good a while longer", async () => {
    const { call, create, statusWith, clock } = open();
    const { key, secret } = await create();
    const { status, body } = await call(`POST /v1/keys/${key.id}/rotate`, { json: { overlapSeconds: 60 } });
    const next = body as Made;
    expect(status).toBe(201);
    expect(next.key).toEqual({ ...key, previousUntil: "2026-01-01T00:01:00.000Z" });
    expect([await statusWith(secret), await statusWith(next.secret)]).toEqual([200, 200]);
    clock.advance(60_000);
    expect([await statusWith(secret), await statusWith(next.secret)]).toEqual([401, 200]);
  });

  it("rotates for a day when nothing is said, and at once when asked to", async () => {
    const { call, create, statusWith } = open();
    const { key, secret } = await create();
    const { body } = await call(`POST /v1/keys/${key.id}/rotate`);
    expect((body as Made).key.previousUntil).toBe("2026-01-02T00:00:00.000Z");
    await call(`POST /v1/keys/${key.id}/rotate`, { json: { overlapSeconds: 0 } });
    expect([await statusWith(secret), await statusWith((body as Made).secret)]).toEqual([401, 401]);
  });

  it("tells when a key was last used, on another instance within five minutes", async () => {
    const store = memoryStore();
    const clock = fakeClock();
    const [one, other] = [callable({ store, clock }), callable({ store, clock })];
    const { key, secret } = await one.gateway.keys.create();
    expect(key.lastUsedAt).toBeNull();
    const use = async () =>
      (await one.call("GET /v1/models", { headers: { authorization: `Bearer ${secret}` } })).status;
    await clock.advanceAsync(1_000);
    await use();
    const lastAt = async ({ gateway }: typeof one) => (await gateway.keys.get(key.id)).lastUsedAt;
    expect(await lastAt(one)).toBe("2026-01-01T00:00:01.000Z");
    await clock.advanceAsync(60_000);
    expect(await lastAt(other)).toBe("2026-01-01T00:00:01.000Z");
    await use();
    await clock.advanceAsync(4 * 60_000);
    expect(await lastAt(one)).toBe("2026-01-01T00:01:01.000Z");
    await one.gateway.close(); // what is not kept yet is kept now
    await store.open();
    expect(await lastAt(callable({ store, clock }))).toBe("2026-01-01T00:01:01.000Z");
  });

  it("changes what a key may do, while it is in use", async () => {
    const { call, create, statusWith } = open();
    const { key, secret } = await create();
    expect(await statusWith(secret, "GET /v1/audit")).toBe(403);
    const { status, body } = await call(`PATCH /v1/keys/${key.id}`, { json: { role: "viewer", name: "reader" } });
    expect([status, body]).toEqual([200, { ...key, role: "viewer", name: "reader", lastUsedAt: expect.any(String) }]);
    expect(await statusWith(secret, "GET /v1/audit")).toBe(200);
  });

  it("ends a key when its time is over", async () => {
    const { create, statusWith, clock } = open();
    const { secret } = await create({ expiresAt: "2026-01-01T00:01:00+00:00" });
    expect(await statusWith(secret)).toBe(200);
    clock.advance(60_000);
    expect(await statusWith(secret)).toBe(401);
  });

  it.each([
    { scopes: ["everything"] },
    { scopes: ["/*"] },
    { scopes: "chat" },
    { scopes: ["chat", 7] },
    { role: "root" },
    { layers: ["L4"] },
    { models: "all" },
    { limits: { requests: 0 } },
    { limits: { concurrency: "many" } },
    { expiresAt: "soon" },
    { expiresAt: "2025-12-31T23:59:59Z" },
    { name: 7 },
    { userId: "nobody" },
  ])("answers 400 to %j, naming the field, and makes no key", async (json) => {
    const { call } = open();
    const { status, body } = await call("POST /v1/keys", { json });
    expect([status, body]).toEqual([
      400,
      expect.objectContaining({ details: expect.stringMatching(new RegExp(`^${Object.keys(json)[0]}`)) }),
    ]);
    expect((await call("GET /v1/keys")).body).toEqual({ data: [] });
  });

  it.each(["GET", "PATCH", "DELETE"])("%s of a key that is not there is 404", async (method) => {
    const options = method === "PATCH" ? { json: {} } : {};
    for (const id of ["AAAAAAAA", "__proto__", "a/b", "%27", "x".repeat(300)]) {
      expect((await open().call(`${method} /v1/keys/${id}`, options)).status).toBe(404);
    }
  });

  it("takes two keys with the same first forty characters for two keys", async () => {
    const { create, statusWith } = open();
    const { secret } = await create();
    const twin = `${secret.slice(0, 40)}${[...secret.slice(40)].reverse().join("")}`;
    expect([await statusWith(secret), await statusWith(twin), await statusWith(secret)]).toEqual([200, 401, 200]);
  });
});

describe("a key and its creator", () => {
  const identity = (rights: Partial<Identity>): { readonly identity: Identity } => ({
    identity: { id: "kim", role: "operator", kind: "user", userId: "kim", ...rights },
  });

  it("an operator makes client keys, sees only them, and no one else's", async () => {
    const { gateway } = open();
    await gateway.users.create({ username: "kim", password: "x", role: "operator" });
    const { key: foreign } = await gateway.keys.create({ name: "admin's" });
    const { key: own } = await gateway.keys.create({ name: "kim's" }, identity({}));
    expect(own).toMatchObject({ userId: "kim", createdBy: { id: "kim", kind: "user" } });
    expect(await gateway.keys.list(identity({}))).toEqual([own]);
    for (const work of [
      () => gateway.keys.get(foreign.id, identity({})),
      () => gateway.keys.update(foreign.id, {}, identity({})),
      () => gateway.keys.rotate(foreign.id, {}, identity({})),
      () => gateway.keys.delete(foreign.id, identity({})),
    ]) {
      await expect(work()).rejects.toMatchObject({ code: "not_found" });
    }
    expect(await gateway.keys.list()).toHaveLength(2);
  });

  it.each<readonly [string, NewApiKey, Partial<Identity>]>([
    ["role", { role: "operator" }, {}],
    ["role", { role: "viewer" }, {}],
    ["role", { role: "admin" }, {}],
    ["scopes", { scopes: ["terminal:local"] }, {}],
    ["scopes", { scopes: ["terminal:local"] }, { terminals: ["ssh"] }],
    ["scopes", { scopes: ["terminal:ssh"] }, { role: "admin", operations: ["chat"] }],
    ["scopes", { scopes: ["embeddings"] }, { operations: ["chat"] }],
    ["models", { models: ["a", "b"] }, { models: ["a"] }],
    ["layers", { layers: ["L3"] }, { layers: ["L0", "L1"] }],
    ["userId", { userId: "admin" }, {}],
  ])("%s beyond the creator's own is refused: %j of %j", async (param, wanted, rights) => {
    const { gateway } = open();
    const work = gateway.keys.create(wanted, identity(rights));
    await expect(work).rejects.toMatchObject({ code: "forbidden", param });
    expect(await gateway.keys.list()).toEqual([]);
  });

  it.each<readonly [string, NewApiKey, Partial<Identity>]>([
    ["models", {}, { models: ["a"] }],
    ["models", { models: ["a", "b"] }, { models: ["a"] }],
    ["layers", {}, { layers: ["L0"] }],
    ["scopes", {}, { operations: ["chat"] }],
    ["scopes", { scopes: ["terminal:local"] }, {}],
    ["role", { role: "operator" }, {}],
  ])("who has less than a key cannot have its next secret: %s of %j for %j", async (param, wanted, rights) => {
    const { gateway } = open();
    await gateway.users.create({ username: "kim", password: "x", role: "operator" });
    const { key, secret } = await gateway.keys.create({ ...wanted, userId: "kim" });
    const work = gateway.keys.rotate(key.id, { overlapSeconds: 0 }, identity(rights));
    await expect(work).rejects.toMatchObject({ code: "forbidden", param });
    expect(await gateway.auth.identify(secret)).toMatchObject({ id: key.id });
  });

  it("what is left out is no more than the creator's own", async () => {
    const { gateway } = open();
    const rights = { models: ["a"], layers: ["L1" as const], operations: ["chat" as const] };
    const { key } = await gateway.keys.create({}, identity(rights));
    expect(key).toMatchObject({ models: ["a"], layers: ["L1"], scopes: ["chat"] });
    await expect(gateway.keys.update(key.id, { models: ["b"] }, identity(rights))).rejects.toThrow("beyond your own");
    expect(await gateway.keys.update(key.id, { models: null }, identity(rights))).toMatchObject({ models: ["a"] });
  });

  it("a key that ends, or is limited, makes none", async () => {
    const { gateway, create, call } = open();
    for (const rights of [{ limits: { requests: 5 } }, { expiresAt: "2027-01-01T00:00:00Z" }]) {
      const { secret } = await create({ role: "admin", ...rights });
      const headers = { authorization: `Bearer ${secret}` };
      expect((await call("POST /v1/keys", { json: {}, headers })).status).toBe(403);
    }
    expect(await gateway.keys.list()).toHaveLength(2);
  });

  it("loses what the user it belongs to loses", async () => {
    const { gateway, statusWith } = open();
    await gateway.users.create({ username: "kim", password: "x", role: "admin" });
    await gateway.users.create({ username: "sam", password: "x", role: "admin" });
    const { secret } = await gateway.keys.create({ role: "admin", userId: "kim" });
    expect(await statusWith(secret, "GET /v1/users")).toBe(200);
    await gateway.users.update("kim", { role: "viewer" });
    expect(await statusWith(secret, "GET /v1/users")).toBe(403);
    expect(await statusWith(secret, "GET /v1/audit")).toBe(200);
    await gateway.users.delete("kim");
    expect(await statusWith(secret, "GET /v1/models")).toBe(401);
  });
});
