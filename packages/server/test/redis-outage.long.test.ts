import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  hasRedis,
  openai,
  type RedisServer,
  redisServer,
  type ScriptedUpstream,
  scriptedUpstream,
} from "@sluice/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Outcome, openLoop, percentile, probeLoop } from "./open-loop.js";
import { runServer, type ServerProcess } from "./run-server.js";
import { type SlowProxy, slowProxy } from "./slow-proxy.js";
import { temporaryDirectory } from "./temporary-directory.js";

const PER_SECOND = 300;
const BEFORE_MS = 5_000;
const OUTAGE_MS = 10_000;
/** Until then the first answers that do not come are waited for. */
const NOTICED_MS = 200;
/** After that an answer is at most so much later than with Redis. */
const ADDED_MS = 20;
/** Within this a Redis that has come back is used. */
const BACK_MS = 2_000;
/** More than a tenth of a second, after which nobody waits for an answer. */
const SLOW_MS = 150;
/** What is on its way, on a machine that has better things to do. */
const PATIENTLY = { timeout: 10_000 };
const INSTANCES = 2;
const KEY_LIMIT = 50;

describe.skipIf(!hasRedis())(`chats while Redis${hasRedis() ? "" : " (needs redis-server)"}`, () => {
  let redis: RedisServer;
  let way: SlowProxy;
  let upstream: ScriptedUpstream;
  let server: ServerProcess;

  beforeEach(async () => {
    redis = await redisServer();
    way = await slowProxy(redis.port);
    upstream = await scriptedUpstream();
    upstream.always(openai.completion());
    const directory = temporaryDirectory();
    const cost = { budgets: [{ id: "all", scope: "global", window: "month", limitUsd: 1_000_000 }] };
    writeFileSync(join(directory, "sluice.config.json"), JSON.stringify({ cost }));
    const environment = {
      REDIS_URL: `redis://127.0.0.1:${way.port}`,
      SLUICE_INSTANCES: String(INSTANCES),
      OPENAI_API_KEY: "k",
      OPENAI_BASE_URL: `${upstream.url}/v1`,
      DEFAULT_LAYER: "L1",
      SLUICE_LIMITS_PER_IP_LIMIT: "9900",
    };
    server = await runServer(environment, directory);
  });

  afterEach(async () => {
    await server.kill();
    await upstream.close();
    await way.close();
    await redis.close();
  });

  /** Chats for a while, and how much later than anything else they are answered: others use this machine too. */
  async function load(forMs: number) {
    const options = { url: server.url, forMs };
    const [chats, probes] = await Promise.all([
      openLoop({ ...options, perSecond: PER_SECOND }),
      probeLoop({ ...options, perSecond: PER_SECOND / 10 }),
    ]);
    const late = (outcomes: readonly Outcome[]) =>
      percentile(
        outcomes.filter(({ at }) => at > NOTICED_MS).map(({ ms }) => ms),
        0.99,
      );
    return { chats, lateMs: late(chats) - late(probes), anywayMs: late(probes) };
  }

  /** Whether limits and budgets are counted in Redis. */
  async function isUsed(): Promise<boolean> {
    const keys = await redis.command("KEYS", "*");
    return keys.includes("sluice:rl") && keys.includes("sluice:spend:{all}:counter:all|global:|");
  }

  /** What the server says of its budget, and what it has written into its ledger. */
  async function spent(): Promise<{ readonly budgetUsd: number; readonly ledgerUsd: number }> {
    const get = async (path: string) => (await fetch(`${server.url}${path}`)).json();
    const [budgets, usage] = await Promise.all([get("/v1/budgets"), get("/v1/usage")]);
    return {
      budgetUsd: (budgets as { data: { usedUsd: number }[] }).data[0]?.usedUsd ?? 0,
      ledgerUsd: (usage as { total: { costUsd: number } }).total.costUsd,
    };
  }

  /** A key with a limit of its own, and how many of twice as many requests with it are admitted. */
  async function admitted(): Promise<number> {
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ limits: { requests: KEY_LIMIT, windowSeconds: 60 } });
    const made = await fetch(`${server.url}/v1/keys`, { method: "POST", headers, body });
    const { secret } = (await made.json()) as { secret: string };
    const statuses = await Promise.all(
      Array.from({ length: KEY_LIMIT * 2 }, async () => {
        const response = await fetch(`${server.url}/v1/models`, { headers: { authorization: `Bearer ${secret}` } });
        await response.text();
        return response.status;
      }),
    );
    return statuses.filter((status) => status === 200).length;
  }

  it.each<[string, () => Promise<void>, () => Promise<void>]>([
    ["is stopped", () => redis.stop(), () => redis.start()],
    ["is frozen", async () => redis.freeze(), async () => redis.thaw()],
    ["is slow", async () => way.delay(SLOW_MS), async () => way.delay(0)],
  ])("%s: none fails or is late, limits hold, and Redis counts again when it is back", async (what, begin, end) => {
    const before = await load(BEFORE_MS);
    expect(await isUsed()).toBe(true);
    // All of them, or as many as one instance may admit alone where a busy machine makes Redis late; never more.
    const admittedBefore = await admitted();
    expect(admittedBefore).toBeLessThanOrEqual(KEY_LIMIT);
    expect(admittedBefore).toBeGreaterThanOrEqual(KEY_LIMIT / INSTANCES);
    await begin();
    const during = await load(OUTAGE_MS);
    expect(await admitted()).toBe(KEY_LIMIT / INSTANCES);
    await end();
    const back = performance.now();
    await redis.command("FLUSHALL");
    await expect.poll(() => load(100).then(isUsed), { timeout: BACK_MS * 2, interval: 50 }).toBe(true);
    const backMs = performance.now() - back;
    const addedMs = during.lateMs - before.lateMs;
    process.stdout.write(
      `Redis ${what}: ${during.chats.length} chats, p99 ${addedMs.toFixed(1)} ms later, used again after ${backMs.toFixed(0)} ms\n`,
    );
    expect(during.chats).toHaveLength((OUTAGE_MS / 1_000) * PER_SECOND);
    expect([...before.chats, ...during.chats].filter(({ status }) => status !== 200)).toEqual([]);
    // What lies between two measurements is seen no more sharply than both: than what costs nothing is answered.
    expect(addedMs).toBeLessThan(Math.max(ADDED_MS, before.anywayMs + during.anywayMs));
    const told = (event: string) => server.log().split(`"${event}"`).length - 1;
    // Once; on a machine that is busy Redis is too late now and then without anybody's doing.
    await expect.poll(() => told("redis-away"), PATIENTLY).toBeGreaterThan(0);
    expect(told("redis-away")).toBeLessThan(5);
    await expect.poll(() => told("redis-back") - told("redis-away"), PATIENTLY).toBe(0);
    await expect
      .poll(async () => Math.abs((await spent()).budgetUsd - (await spent()).ledgerUsd), PATIENTLY)
      .toBeLessThan(1e-9);
  });
});
