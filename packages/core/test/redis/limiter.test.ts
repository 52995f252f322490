import { type Clock, Gateway, type GatewayRequest } from "@sluice/core";
import { type RedisLimiter, type RedisLimiterOptions, redisLimiter } from "@sluice/core/limits/redis";
import { hasRedis, type RedisServer, redisServer } from "@sluice/testkit";
import { describeLimiter } from "@sluice/testkit/contracts";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../src/clock.js";
import { echoProxy } from "./proxy.js";

const RULE = { limit: 3, windowMs: 60_000 };

describe.skipIf(!hasRedis())(`limits in Redis${hasRedis() ? "" : " (needs redis-server)"}`, () => {
  let server: RedisServer;
  const open: RedisLimiter[] = [];

  beforeAll(async () => {
    server = await redisServer();
  });

  afterEach(async () => {
    for (const limiter of open.splice(0)) limiter.close();
    await server.command("FLUSHALL");
  });

  afterAll(() => server.close());

  async function opened(options: Partial<RedisLimiterOptions> = {}): Promise<RedisLimiter> {
    const limiter = redisLimiter({ redis: server.url, ...options });
    open.push(limiter);
    await limiter.open();
    return limiter;
  }

  describeLimiter(
    "Redis",
    async () => {
      const clock = shiftedClock();
      const limiters = [await opened({ clock }), await opened({ clock }), await opened({ clock })];
      let next = 0;
      return {
        connect: () => limiters[next++ % 3] as RedisLimiter, // there are three
        async pass(ms) {
          clock.shift(ms);
          await server.command("EVAL", AGE, "0", String(Math.ceil(ms * 1_000)));
        },
      };
    },
    { windowMs: 60_000 },
  );

  it("repeats a refusal from memory, and asks again once a place is free", async () => {
    const limiter = await opened();
    const rule = { limit: 2, windowMs: 500 };
    for (let count = 0; count < 3; count++) await limiter.take("ip:flood", rule);
    const before = await calls(server);
    const refused = limiter.take("ip:flood", rule);
    expect(refused).toMatchObject({ admitted: false, remaining: 0 }); // no promise
    expect(await calls(server)).toBe(before);
    await new Promise((resolve) => setTimeout(resolve, 510));
    expect(await limiter.take("ip:flood", rule)).toMatchObject({ admitted: true });
  });

  it("forgets a remembered refusal when the limit is another one", async () => {
    const limiter = await opened();
    for (let count = 0; count < 4; count++) await limiter.take("key:a", RULE);
    expect(await limiter.take("key:a", { ...RULE, limit: 5 })).toMatchObject({ admitted: true, remaining: 1 });
  });

  it("counts in this process while Redis is away, a share of the limit each, and in Redis again afterwards", async () => {
    const limiter = await opened({ instances: 2 });
    await server.stop();
    const verdicts = [];
    for (let count = 0; count < 4; count++) verdicts.push(await limiter.take("key:away", RULE));
    expect(verdicts.map(({ admitted }) => admitted)).toEqual([true, true, false, false]);
    await server.start();
    await expect
      .poll(
        async () => {
          await limiter.take(`key:${Math.random()}`, RULE);
          return await server.command("DBSIZE");
        },
        { timeout: 5_000 },
      )
      .toMatch(/^:[1-9]/);
  });

  it.each([
    // Two were admitted with Redis.
    { what: "the rest of the limit, where it is alone", limit: 5, instances: 1, admits: 3 },
    { what: "its share, where others count as well", limit: 6, instances: 2, admits: 3 },
    {
      what: "no more than the limit together with those before, whatever its share",
      limit: 3,
      instances: 2,
      admits: 1,
    },
    { what: "the same of a large limit", limit: 10_001, instances: 1, admits: 9_999 },
    { what: "a share of a large limit", limit: 10_001, instances: 20, admits: 501 },
  ])("admits without Redis $what", async ({ limit, instances, admits }) => {
    const limiter = await opened({ instances });
    const rule = { limit, windowMs: 60_000 };
    for (let count = 0; count < 2; count++) await limiter.take("key:half", rule);
    await server.stop();
    let admitted = 0;
    for (let count = 0; count < admits + 20; count++) {
      const verdict = await limiter.take("key:half", rule);
      if (verdict.admitted) admitted++;
      if (admitted < admits) expect(verdict.remaining).toBeGreaterThan(0);
    }
    await server.start();
    expect(admitted).toBe(admits);
  });

  it("answers within a moment while Redis is frozen", async () => {
    const limiter = await opened();
    await limiter.take("key:warm", RULE);
    server.freeze();
    try {
      for (let count = 0; count < 3; count++) expect((await limiter.take("key:frozen", RULE)).admitted).toBe(true);
      expect(limiter.take("key:frozen", RULE)).toMatchObject({ admitted: false }); // it is not asked any more
    } finally {
      server.thaw();
    }
  });

  it("asks for the address and for the key in one round trip", async () => {
    const proxy = await echoProxy(server.port);
    const gateway = new Gateway({ redis: `redis://127.0.0.1:${proxy.port}` });
    await gateway.ready();
    const request: GatewayRequest = {
      method: "GET",
      url: "/v1/models",
      headers: { get: (name) => (name === "host" ? "localhost" : null) },
      signal: new AbortController().signal,
      arrayBuffer: async () => new ArrayBuffer(0),
    };
    const peer = { address: "203.0.113.7", identify: () => ({ id: "a", role: "client", kind: "key" }) as const };
    await gateway.handle(request, peer); // makes Redis know the script
    const asked = await proxy.during(() => gateway.handle(request, peer));
    expect(asked.trips).toBe(1);
    expect(asked.sent.match(/evalsha/gi)).toHaveLength(2);
    expect(asked.sent.match(/^\*\d+\r$/gm)).toHaveLength(2); // and nothing else
    await gateway.close();
    await proxy.close();
  });

  it("shows in the health of a gateway, which stays usable", async () => {
    const gateway = new Gateway({ redis: server.url });
    await gateway.ready();
    expect(await gateway.health()).toMatchObject({ status: "ok", redis: true });
    await server.stop();
    expect(await gateway.health()).toMatchObject({ status: "degraded", redis: false });
    expect((await gateway.chat({ messages: [{ role: "user", content: "Hello!" }] })).choices).toHaveLength(1);
    await server.start();
    await expect.poll(async () => (await gateway.health()).redis, { timeout: 5_000 }).toBe(true);
    await gateway.close();
  });

  it("does not keep a gateway from starting when it is not there", async () => {
    await server.stop();
    const gateway = new Gateway({ redis: server.url });
    await gateway.ready();
    expect(await gateway.health()).toMatchObject({ status: "degraded", redis: false, database: true });
    await gateway.close();
    await server.start();
  });
});

/** Makes everything that was counted older, by microseconds: Redis's own clock cannot be turned. */
const AGE = `
for _, key in ipairs(redis.call('KEYS', '*')) do
  for index, time in ipairs(redis.call('LRANGE', key, 0, -1)) do
    redis.call('LSET', key, index - 1, string.format('%.0f', time - ARGV[1]))
  end
end`;

/** The real clock, with which time can be skipped. A busy Redis is given longer: what is tested is how it counts. */
function shiftedClock(): Clock & { shift(ms: number): void } {
  const real = systemClock();
  let shifted = 0;
  return {
    ...real,
    monotonic: () => real.monotonic() + shifted,
    after: (ms, fire) => real.after(ms * 100, fire),
    shift(ms) {
      shifted += ms;
    },
  };
}

async function calls(server: RedisServer): Promise<number> {
  const stats = await server.command("INFO", "commandstats");
  return Number(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1] ?? 0);
}
