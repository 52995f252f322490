import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Gateway, type Store } from "@sluice/core";
import { postgresStore } from "@sluice/core/stores/postgres";
import { sqliteStore } from "@sluice/core/stores/sqlite";
import { POSTGRES_MISSING, postgresServer } from "@sluice/testkit/postgres";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { plainPasswords } from "./http/plain-passwords.js";

const SECRET = "fd938441847bc5050324610220b262bbae13d45ec87d2e97083c0d870cb63936";
/** What is promised. */
const WITHIN = { timeout: 5_000 };

const postgres = await postgresServer(process.env.DATABASE_URL);
let database = "";

beforeAll(async () => {
  if (postgres) database = await postgres.createDatabase();
});

afterAll(async () => {
  if (database) await postgres?.dropDatabase(database);
  await postgres?.close();
});

let directory: string;
let connect: () => Store;
/** Everything the store has written down. */
let written: () => Promise<string>;
let one: Gateway;
let other: Gateway;

function instance(adminPassword = "correct horse battery"): Gateway {
  return new Gateway({
    mode: "production",
    store: connect(),
    passwordHasher: plainPasswords,
    auth: { jwtSecret: SECRET, adminPassword },
    secrets: { masterKey: SECRET },
  });
}

async function statusAt(gateway: Gateway, credential: string): Promise<number> {
  const headers = { authorization: `Bearer ${credential}` };
  return (await gateway.fetch(new Request("http://gateway.example/v1/models", { headers }))).status;
}

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "sluice-revocation-"));
});

afterEach(async () => {
  await Promise.all([one.close(), other.close()]);
  rmSync(directory, { recursive: true });
});

async function openTwo(): Promise<void> {
  [one, other] = [instance(), instance()];
  await Promise.all([one.ready(), other.ready()]);
}

describe("on one file", () => {
  beforeEach(async () => {
    connect = () => sqliteStore({ file: join(directory, "sluice.db") });
    written = async () =>
      readdirSync(directory)
        .map((name) => readFileSync(join(directory, name), "latin1"))
        .join();
    await openTwo();
  });
  cases();
});

describe.skipIf(!postgres)(`on Postgres${postgres ? "" : ` (${POSTGRES_MISSING})`}`, () => {
  beforeEach(async () => {
    const url = (await postgres?.createSchema(database)) ?? "";
    connect = () => postgresStore({ url });
    written = async () =>
      JSON.stringify((await postgres?.query("select * from sluice_entries, sluice_audit", [], url))?.rows);
    await openTwo();
  });
  cases();
});

function cases(): void {
  describe("what one instance revokes", () => {
    it("is a key, and the others refuse it too", async () => {
      const { key, secret } = await one.keys.create();
      await expect.poll(() => statusAt(other, secret), WITHIN).toBe(200);
      await one.keys.delete(key.id);
      expect(await statusAt(one, secret)).toBe(401);
      await expect.poll(() => statusAt(other, secret), WITHIN).toBe(401);
    });

    it("is a token that logs out, and the others refuse it too", async () => {
      const { token } = await one.auth.login({ username: "admin", password: "correct horse battery" });
      await expect.poll(() => statusAt(other, token), WITHIN).toBe(200);
      await other.auth.logout(token);
      expect(await statusAt(other, token)).toBe(401);
      await expect.poll(() => statusAt(one, token), WITHIN).toBe(401);
    });

    it("is every token of a user whose password changes", async () => {
      const { token } = await one.auth.login({ username: "admin", password: "correct horse battery" });
      await expect.poll(() => statusAt(other, token), WITHIN).toBe(200);
      await one.users.update("admin", { password: "another horse battery" });
      await expect.poll(() => statusAt(other, token), WITHIN).toBe(401);
      await expect.poll(() => statusAt(one, token), WITHIN).toBe(401);
    });
  });

  describe("what one instance changes of the providers", () => {
    it("comes into force on the others, secrets and all", async () => {
      const vendor = {
        id: "my-vendor",
        type: "openai-compatible",
        baseUrl: "http://127.0.0.1:1/v1",
        apiKey: "vk-0123456789-x7Qd",
      };
      await one.providers.create(vendor);
      const seen = () => other.providers.get("my-vendor").catch(() => null);
      await expect.poll(seen, WITHIN).toMatchObject({ on: true, apiKeys: ["…x7Qd"] });
      await one.audit.list(); // what was reported is written
      expect(await written()).toContain("my-vendor");
      expect(await written()).not.toContain(vendor.apiKey.slice(0, 8));
      await other.providers.update("my-vendor", { apiKey: null, concurrency: 2 });
      await expect.poll(() => one.providers.get("my-vendor"), WITHIN).toMatchObject({ apiKeys: [], concurrency: 2 });
      await one.providers.delete("my-vendor");
      await expect.poll(seen, WITHIN).toBeNull();
    });
  });

  describe("instances that start at once", () => {
    it("make one first admin", async () => {
      const many = Array.from({ length: 5 }, () => instance());
      await Promise.all(many.map((each) => each.ready()));
      const answers = await Promise.all(
        many.map((each) => each.auth.login({ username: "admin", password: "correct horse battery" })),
      );
      for (const { token } of answers) expect(await statusAt(one, token)).toBe(200);
      expect(await one.users.list()).toHaveLength(1);
      await Promise.all(many.map((each) => each.close()));
    });
  });

  describe("a configured password", () => {
    it("takes the place of the first one, and never of one that somebody has set", async () => {
      const login = (gateway: Gateway, password: string) => gateway.auth.login({ username: "admin", password });
      await login(one, "correct horse battery");
      const second = instance("second horse battery");
      await expect(login(second, "correct horse battery")).rejects.toMatchObject({ code: "unauthorized" });
      expect((await login(second, "second horse battery")).user.id).toBe("admin");
      await second.users.update("admin", { password: "mine alone, thank you" });
      await second.close();
      const third = instance("third horse battery");
      await expect(login(third, "third horse battery")).rejects.toMatchObject({ code: "unauthorized" });
      expect((await login(third, "mine alone, thank you")).user.id).toBe("admin");
      await third.close();
    });
  });
}
