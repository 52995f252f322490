import { type AuditRow, type Gateway, memoryStore, type Store } from "@sluice/core";
import { describe, expect, it } from "vitest";
import { callable } from "./call.js";
import { plainPasswords } from "./plain-passwords.js";

const MODEL = { id: "m", provider: "openrouter", apiModelName: "x", layer: "L2" } as const;

function bench(store: Store = memoryStore()) {
  const auth = { adminPassword: "admin123" };
  return callable({ store, passwordHasher: plainPasswords, auth });
}

async function told(gateway: Gateway): Promise<readonly string[]> {
  const { data } = await gateway.audit.list();
  return data.map(({ actor, action, target, outcome }) => `${actor.id} ${action} ${target} ${outcome}`).reverse();
}

describe("the audit log", () => {
  it("tells who did what, and what was refused", async () => {
    const { call, gateway } = bench();
    const login = (password: string) => call("POST /v1/auth/login", { json: { username: "admin", password } });
    await login("wrong");
    await call("POST /v1/auth/login", { json: { username: "my password", password: "x" } });
    const { body } = await login("admin123");
    const headers = { authorization: `Bearer ${(body as { token: string }).token}` };
    await call("POST /v1/models", { json: MODEL, headers });
    await call("PUT /v1/models/m", { json: { priority: 3 }, headers });
    await call("DELETE /v1/models/m", { headers });
    await call("POST /v1/users", { json: { username: "kim", password: "x" }, headers });
    await call("PATCH /v1/users/kim", { json: { role: "operator" }, headers });
    await call("DELETE /v1/users/kim", { headers });
    const { key, secret } = await gateway.keys.create({ name: "shop" });
    await call(`POST /v1/keys/${key.id}/rotate`, { headers });
    await call(`PATCH /v1/keys/${key.id}`, { json: { name: "x" }, headers });
    await call("GET /v1/users", { headers: { "x-api-key": secret } });
    await call(`DELETE /v1/keys/${key.id}`, { headers });
    await call("GET /v1/models", { headers: { "x-api-key": secret } });
    await call("GET /v1/models", { headers: { origin: "https://evil.example" } });
    await call("POST /v1/auth/logout", { headers });
    expect(await told(gateway)).toEqual([
      "anonymous login admin refused",
      "anonymous request POST /v1/auth/login refused",
      "anonymous login null refused",
      "anonymous request POST /v1/auth/login refused",
      "anonymous login admin ok",
      "admin model.create m ok",
      "admin model.update m ok",
      "admin model.delete m ok",
      "admin user.create kim ok",
      "admin user.update kim ok",
      "admin user.delete kim ok",
      `system key.create ${key.id} ok`,
      `admin key.rotate ${key.id} ok`,
      `admin key.update ${key.id} ok`,
      `${key.id} request GET /v1/users refused`,
      `admin key.delete ${key.id} ok`,
      "nobody request GET /v1/models refused",
      "nobody request GET refused",
      "admin logout admin ok",
    ]);
  });

  it("holds a model's hash before and after", async () => {
    const { gateway } = bench();
    await gateway.models.create(MODEL);
    await gateway.models.update("m", { priority: 1 });
    await gateway.models.update("m", { priority: 0 });
    await gateway.models.delete("m");
    const { data } = await gateway.audit.list();
    const [deleted, back, there, created] = data.map(({ details }) => details);
    expect(created?.after).toMatch(/^[0-9a-f]{64}$/);
    expect(there).toMatchObject({ before: created?.after });
    expect(back).toEqual({ before: there?.after, after: created?.after });
    expect(deleted).toEqual({ before: created?.after });
  });

  it("tells what was changed of budgets, and which alert was taken off the list", async () => {
    const { call, gateway } = bench();
    const budget = { id: "b", scope: "key", subject: "shop", window: "day", limitUsd: 0 };
    await call("POST /v1/budgets", { json: budget });
    await call("POST /v1/budgets", { json: budget }); // refused as it is there already
    const shop = { id: "shop", kind: "key", role: "client" } as const;
    const price = { inputPerMTok: 1, outputPerMTok: 1 };
    await gateway.models.create({ id: "m", provider: "simulator", apiModelName: "m", layer: "L0", price });
    const asking = gateway.chat({ model: "m", messages: [{ role: "user", content: "Hi" }] }, { identity: shop });
    await expect(asking).rejects.toMatchObject({ code: "insufficient_quota" });
    await call("PATCH /v1/budgets/b", { json: { limitUsd: 2.5 } });
    await call("DELETE /v1/budgets/b");
    await call("DELETE /v1/budgets/b");
    await expect.poll(async () => (await call("GET /v1/alerts")).body).toMatchObject({ data: [{ kind: "budget" }] });
    const { data } = (await call("GET /v1/alerts")).body as { data: { id: string }[] };
    const id = data[0]?.id ?? "";
    await call(`DELETE /v1/alerts/${encodeURIComponent(id)}`);
    const rows = (await gateway.audit.list()).data.filter(({ action }) => /^(budget|alert)/.test(action)).reverse();
    const facts = { scope: "key", subject: "shop", window: "day" };
    expect(rows.map(({ action, target, details }) => [action, target, details])).toEqual([
      ["budget.create", "b", { ...facts, limitUsd: 0 }],
      ["budget.update", "b", { limitUsdBefore: 0, limitUsd: 2.5 }],
      ["budget.delete", "b", { ...facts, limitUsd: 2.5 }],
      ["alert.delete", id, { kind: "budget", usedUsd: 0, limitUsd: 0 }],
    ]);
    expect(new Set(rows.map(({ actor }) => actor.kind))).toEqual(new Set(["anonymous"]));
  });

  it("tells that prices were replaced, and of no list that is none", async () => {
    const { gateway } = bench();
    const price = { provider: "p", model: "m", inputPerMTok: 1, outputPerMTok: 2 };
    gateway.models.setPrices([price, { ...price, model: "n" }]);
    expect(() => gateway.models.setPrices([{ ...price, inputPerMTok: -1 }])).toThrow(/inputPerMTok/);
    const [row, ...others] = (await gateway.audit.list()).data;
    expect([row, others]).toMatchObject([{ action: "prices.update", details: { prices: 2 } }, []]);
  });

  it("is read page by page, the newest first, and narrowed", async () => {
    const { call, gateway } = bench();
    for (let round = 0; round < 25; round++) await gateway.keys.create({ name: `${round}` });
    const seen: string[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const line: string = `GET /v1/audit?limit=10&action=key.create${cursor && `&cursor=${cursor}`}`;
      const page = (await call(line)).body as { data: AuditRow[]; nextCursor: string | null };
      seen.push(...page.data.map(({ target }) => target ?? ""));
      cursor = page.nextCursor;
    }
    const keys = await gateway.keys.list();
    expect(new Set(seen)).toEqual(new Set(keys.map(({ id }) => id)));
    expect(seen).toHaveLength(25);
    const one = (await call(`GET /v1/audit?target=${seen[3]}&outcome=ok&actor=system`)).body as { data: AuditRow[] };
    expect(one.data.map(({ target }) => target)).toEqual([seen[3]]);
    expect((await call("GET /v1/audit?outcome=failed")).body).toEqual({ data: [], nextCursor: null });
  });

  it.each(["limit=0", "limit=1001", "limit=many", "limit=1.5", "cursor=x", "cursor=%00", "outcome=fine"])(
    "answers 400 to ?%s, naming it",
    async (query) => {
      const { status, body } = await bench().call(`GET /v1/audit?${query}`);
      expect([status, body]).toEqual([
        400,
        expect.objectContaining({ details: expect.stringMatching(new RegExp(`^${query.split("=")[0]}: `)) }),
      ]);
    },
  );

  it("delays nobody: a store that takes no rows fails no change", async () => {
    const store = memoryStore();
    const { call } = bench({ ...store, audit: { ...store.audit, append: () => new Promise(() => {}) } });
    expect((await call("POST /v1/models", { json: MODEL })).status).toBe(201);
    expect((await call("POST /v1/keys", { json: {} })).status).toBe(201);
  });
});
