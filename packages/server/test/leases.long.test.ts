import { setTimeout as sleep } from "node:timers/promises";
import {
  type Gate,
  gate,
  hasRedis,
  openai,
  type RedisServer,
  redisServer,
  type ScriptedUpstream,
  scriptedUpstream,
} from "@sluice/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runServer, type ServerProcess } from "./run-server.js";

const PLACES = 4;
const LEASE_MS = 30_000;
const PASSWORD = "correct horse battery";
const CHAOS_MS = 45_000;
const CALLERS = 12;

/** A server, and the token of the same user at each. */
interface Instance extends ServerProcess {
  readonly token: string;
}

describe.skipIf(!hasRedis())(
  `calls at once over instances that are killed${hasRedis() ? "" : " (needs redis-server)"}`,
  () => {
    let redis: RedisServer;
    let upstream: ScriptedUpstream;
    let instances: Instance[];

    beforeEach(async () => {
      redis = await redisServer();
      upstream = await scriptedUpstream();
      instances = [];
    });

    afterEach(async () => {
      await Promise.all(instances.map((instance) => instance.kill()));
      await upstream.close();
      await redis.close();
    });

    async function start(): Promise<Instance> {
      const server = await runServer({
        REDIS_URL: redis.url,
        ADMIN_PASSWORD: PASSWORD,
        OPENAI_API_KEY: "k",
        OPENAI_BASE_URL: `${upstream.url}/v1`,
        DEFAULT_LAYER: "L1",
        SLUICE_LIMITS_PER_IP: "null",
        SLUICE_LIMITS_PER_KEY: JSON.stringify({ limit: 1_000_000, concurrency: PLACES }),
      });
      const login = await fetch(`${server.url}/v1/auth/login`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ username: "admin", password: PASSWORD }),
      });
      const { token } = (await login.json()) as { token: string };
      const instance = { ...server, token };
      instances.push(instance);
      return instance;
    }

    function chat({ url, token }: Instance, stream: boolean, signal: AbortSignal | null = null): Promise<Response> {
      return fetch(`${url}/v1/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
        body: JSON.stringify({ stream, messages: [{ role: "user", content: "Hello!" }] }),
        signal,
      });
    }

    /** As many streams as are let in, each of which waits at the door. */
    async function fill(instance: Instance, door: Gate): Promise<readonly Response[]> {
      upstream.always(openai.stream(["first", door, "second"]));
      const answers = await Promise.all(Array.from({ length: PLACES + 2 }, () => chat(instance, true)));
      return answers.filter(({ status }) => status === 200);
    }

    it("are let in by another one when the leases have ended, and not before", async () => {
      const [one, other] = [await start(), await start()];
      const door = gate();
      expect(await fill(one, door)).toHaveLength(PLACES);
      expect((await chat(other, false)).status).toBe(429);
      await one.kill();
      const killed = performance.now();
      const places = async () => (await fill(other, door)).length;
      await expect.poll(places, { timeout: LEASE_MS * 1.5, interval: 500 }).toBeGreaterThan(0);
      const after = performance.now() - killed;
      process.stdout.write(`the places of a killed instance are free after ${(after / 1_000).toFixed(1)} s\n`);
      expect(after).toBeGreaterThan(LEASE_MS / 2); // renewed every ten seconds, so at least twenty were left
      door.open();
    });

    it("are never more than may, and none is lost, while instances die and come back under load", async () => {
      let [running, most, answered, leavers] = [0, 0, 0, false];
      upstream.respond(async ({ json }) => {
        running++;
        if (!leavers) most = Math.max(most, running);
        await sleep(20 + Math.random() * 200);
        running--;
        return (json as { stream?: boolean }).stream ? openai.stream(["one ", "two"]) : openai.completion();
      });
      await Promise.all([start(), start(), start()]);
      const until = performance.now() + CHAOS_MS;
      // What a caller who left has begun ends at the upstream a moment later: only before is it known what runs.
      const leaversFrom = until - CHAOS_MS / 2;
      const caller = async (index: number) => {
        for (let count = 0; performance.now() < until; count++) {
          const instance = instances[(index + count) % instances.length] as Instance; // there always is one
          const leaving = new AbortController();
          leavers = performance.now() > leaversFrom;
          if (leavers && count % 5 === 0) setTimeout(() => leaving.abort(), 50 * Math.random());
          const response = await chat(instance, count % 2 === 0, leaving.signal).catch(() => null);
          const text = await response?.text().catch(() => "");
          if (response?.status === 200 && text) answered++;
          else if (response && response.status !== 429) expect([200, 499]).toContain(response.status);
          await sleep(10);
        }
      };
      const chaos = async () => {
        while (performance.now() < until - 5_000) {
          await sleep(3_000);
          await instances.shift()?.kill();
          await start();
        }
      };
      await Promise.all([...Array.from({ length: CALLERS }, (_, index) => caller(index)), chaos()]);
      process.stdout.write(`${answered} chats, at most ${most} at once\n`);
      expect(most).toBeLessThanOrEqual(PLACES);
      expect(answered).toBeGreaterThan(CHAOS_MS / 1_000);

      const door = gate();
      const [last] = instances as [Instance];
      const places = async () => {
        const streams = await fill(last, door);
        if (streams.length < PLACES) await Promise.all(streams.map((stream) => stream.body?.cancel()));
        return streams.length;
      };
      await expect.poll(places, { timeout: LEASE_MS * 2, interval: 2_000 }).toBe(PLACES);
      door.open();
      const taken = async () => (await redis.command("ZCARD", "sluice:calls:{user:admin}")).trim();
      await expect.poll(taken, { timeout: 10_000 }).toBe(":0");
    });
  },
);
