import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Gateway, type GatewayOptions, type Store } from "@sluice/core";
import { sqliteStore } from "@sluice/core/stores/sqlite";
import { freePort, hasRedis, type RedisServer, redisServer } from "@sluice/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { plainPasswords } from "../http/plain-passwords.js";

const SECRET = "fd938441847bc5050324610220b262bbae13d45ec87d2e97083c0d870cb63936";
const PASSWORD = "correct horse battery";
const WITHIN = { timeout: 5_000 };

describe.skipIf(!hasRedis())(
  `what instances on one Redis tell each other${hasRedis() ? "" : " (needs redis-server)"}`,
  () => {
    let redis: RedisServer;
    let directory: string;
    const gateways: Gateway[] = [];

    beforeEach(async () => {
      redis = await redisServer();
      directory = mkdtempSync(join(tmpdir(), "sluice-notices-"));
    });

    afterEach(async () => {
      await Promise.all(gateways.splice(0).map((gateway) => gateway.close()));
      await redis.close();
      rmSync(directory, { recursive: true });
    });

    /** A store that tells nobody of changes, so that nobody hears of them but through Redis. */
    function silentStore(): Store {
      const { subscribe: _unused, ...store } = sqliteStore({ file: join(directory, "sluice.db") });
      return store;
    }

    async function instance(options: GatewayOptions = {}): Promise<Gateway> {
      const gateway = new Gateway({
        mode: "production",
        redis: redis.url,
        store: silentStore(),
        passwordHasher: plainPasswords,
        auth: { jwtSecret: SECRET, adminPassword: PASSWORD },
        secrets: { masterKey: SECRET },
        ...options,
      });
      gateways.push(gateway);
      await gateway.ready();
      return gateway;
    }

    async function statusAt(gateway: Gateway, credential: string): Promise<number> {
      const headers = { authorization: `Bearer ${credential}` };
      return (await gateway.fetch(new Request("http://gateway.example/v1/models", { headers }))).status;
    }

    async function listeners(): Promise<string> {
      return redis.command("PUBSUB", "NUMSUB", "sluice:notices");
    }

    async function two(options?: GatewayOptions): Promise<readonly [Gateway, Gateway]> {
      const both = [await instance(), await instance(options)] as const;
      await expect.poll(listeners, WITHIN).toMatch(/:2\r\n$/);
      return both;
    }

    it("are changes of every kind, of stores that do not tell themselves", async () => {
      const [one, other] = await two();
      const { key, secret } = await one.keys.create();
      await expect.poll(() => statusAt(other, secret), WITHIN).toBe(200);
      await one.models.create({ id: "new", provider: "openai", apiModelName: "new", layer: "L1" });
      await expect.poll(() => other.models.get("new").catch(() => null), WITHIN).toMatchObject({ id: "new" });
      await one.providers.create({
        id: "my-vendor",
        type: "openai-compatible",
        baseUrl: "http://127.0.0.1:1",
        apiKey: SECRET,
      });
      await expect.poll(() => other.providers.get("my-vendor").catch(() => null), WITHIN).toMatchObject({ on: true });
      await other.keys.delete(key.id);
      await expect.poll(() => statusAt(one, secret), WITHIN).toBe(401);
    });

    it("hold for keys and logins that end, even while the store cannot be read", async () => {
      let isAway = false;
      const inner = silentStore();
      const store: Store = {
        ...inner,
        entries: (kind) => {
          const entries = inner.entries(kind);
          return { ...entries, load: () => (isAway ? Promise.reject(new Error("away")) : entries.load()) };
        },
      };
      const [one, other] = await two({ store });
      const login = (gateway: Gateway) => gateway.auth.login({ username: "admin", password: PASSWORD });
      const [{ key, secret }, first, second] = [await one.keys.create(), await login(one), await login(one)];
      for (const credential of [secret, first.token, second.token]) {
        await expect.poll(() => statusAt(other, credential), WITHIN).toBe(200);
      }
      isAway = true;
      await one.keys.delete(key.id);
      await expect.poll(() => statusAt(other, secret), WITHIN).toBe(401);
      await one.auth.logout(first.token);
      await expect.poll(() => statusAt(other, first.token), WITHIN).toBe(401);
      expect(await statusAt(other, second.token)).toBe(200);
      await one.users.update("admin", { password: "another horse battery" });
      await expect.poll(() => statusAt(other, second.token), WITHIN).toBe(401);
    });

    it("go on after Redis was away", async () => {
      const [one, other] = await two();
      await redis.stop();
      await redis.start();
      await expect.poll(listeners, { timeout: 10_000 }).toMatch(/:2\r\n$/);
      const { secret } = await one.keys.create();
      await expect
        .poll(async () => {
          await one.keys.create(); // what is said before the link is back is lost, and no harm
          return statusAt(other, secret);
        }, WITHIN)
        .toBe(200);
    });

    it("may be anything: what is none of theirs is passed over", async () => {
      const [one, other] = await two();
      for (const text of ["", "{", "[]", '{"what":"key"}', '{"what":"change","kind":"keys","revision":"x"}', "\0"]) {
        await redis.command("PUBLISH", "sluice:notices", text);
      }
      const { secret } = await one.keys.create();
      await expect.poll(() => statusAt(other, secret), WITHIN).toBe(200);
    });

    describe("about failed logins", () => {
      const failed = (gateway: Gateway, username: string) =>
        gateway.auth.login({ username, password: "wrong" }, { address: "203.0.113.7" }).then(
          () => "in",
          ({ code }: { code: string }) => code,
        );

      it("is how many there were from one address, wherever they were tried", async () => {
        const both = await two();
        const answers: string[] = [];
        for (let count = 0; count < 12; count++)
          answers.push(await failed(both[count % 2] as Gateway, `user-${count}`));
        expect(answers).toEqual([...Array(10).fill("unauthorized"), "rate_limit_exceeded", "rate_limit_exceeded"]);
        const other = both[0].auth.login({ username: "admin", password: PASSWORD }, { address: "203.0.113.8" });
        expect((await other).user.id).toBe("admin");
        expect(await redis.command("KEYS", "*")).not.toContain("user-");
      });

      it("forgives what was typed wrong before the right password, on every instance", async () => {
        const [one, other] = await two();
        const login = (gateway: Gateway) =>
          gateway.auth.login({ username: "admin", password: PASSWORD }, { address: "203.0.113.7" });
        for (let round = 0; round < 6; round++) {
          for (let count = 0; count < 12; count++) expect((await login(count % 2 ? one : other)).user.id).toBe("admin");
        }
        expect(await failed(one, "admin")).toBe("unauthorized");
      });

      it("is each instance's own while Redis is away", async () => {
        const nowhere = `redis://127.0.0.1:${await freePort()}`;
        const [one, other] = [await instance({ redis: nowhere }), await instance({ redis: nowhere })];
        for (const gateway of [one, other]) {
          for (let count = 0; count < 10; count++) expect(await failed(gateway, `user-${count}`)).toBe("unauthorized");
          expect(await failed(gateway, "user")).toBe("rate_limit_exceeded");
        }
      });
    });
  },
);
