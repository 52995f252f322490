import { setTimeout as sleep } from "node:timers/promises";
import {
  hasRedis,
  openai,
  type RedisServer,
  redisServer,
  type ScriptedUpstream,
  scriptedUpstream,
} from "@sluice/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runServer, type ServerProcess } from "./run-server.js";

const CALLERS = 15;
const PAUSE_MS = 45;
const OUTAGE_MS = 10_000;
/** Within this a Redis that has come back has to be used. */
const BACK_MS = 2_000;

describe.skipIf(!hasRedis())(`chats while Redis${hasRedis() ? "" : " (needs redis-server)"}`, () => {
  let redis: RedisServer;
  let upstream: ScriptedUpstream;
  let server: ServerProcess;

  beforeEach(async () => {
    redis = await redisServer();
    upstream = await scriptedUpstream();
    upstream.always(openai.completion());
    server = await runServer({
      REDIS_URL: redis.url,
      OPENAI_API_KEY: "k",
      OPENAI_BASE_URL: `${upstream.url}/v1`,
      DEFAULT_LAYER: "L1",
      SLUICE_LIMITS_PER_IP_LIMIT: "9000",
    });
  });

  afterEach(async () => {
    await server.kill();
    await upstream.close();
    await redis.close();
  });

  async function chat(): Promise<number> {
    const response = await fetch(`${server.url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ messages: [{ role: "user", content: "Hello!" }] }),
    });
    await response.text();
    return response.status;
  }

  /** Callers that chat one time after the other, together about 300 times a second where the machine can. */
  async function load(ms: number): Promise<readonly number[]> {
    const until = performance.now() + ms;
    const statuses: number[] = [];
    const caller = async () => {
      while (performance.now() < until) {
        statuses.push(await chat());
        await sleep(PAUSE_MS);
      }
    };
    await Promise.all(Array.from({ length: CALLERS }, caller));
    return statuses;
  }

  async function isUsed(): Promise<boolean> {
    return (await redis.command("DBSIZE")).startsWith(":1");
  }

  it.each([
    ["is stopped", () => redis.stop(), () => redis.start()],
    ["is frozen", async () => redis.freeze(), async () => redis.thaw()],
  ])("%s: none fails, and Redis counts again when it is back", async (_what, begin, end) => {
    await load(1_000);
    expect(await isUsed()).toBe(true);
    await begin();
    const statuses = await load(OUTAGE_MS);
    await end();
    await redis.command("FLUSHALL");
    expect(statuses.length).toBeGreaterThan(CALLERS);
    expect(statuses.filter((status) => status !== 200)).toEqual([]);
    await expect.poll(() => chat().then(isUsed), { timeout: BACK_MS * 2 }).toBe(true);
    expect(server.log().match(/redis-away/g)).toHaveLength(1);
    expect(server.log().match(/redis-back/g)).toHaveLength(1);
  });
});
