import { type Claim, type RedisSpendCounters, type Reservation, redisSpendCounters } from "@sluice/core/usage/redis";
import { fakeClock, hasRedis, type RedisServer, redisServer } from "@sluice/testkit";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

function claim(counter: string, limit: bigint): Claim {
  return { counter, limit, keepMs: 60_000 };
}

/** $9,000,000, beyond what a number holds exactly. */
const MOST = 9_000_000_000_000_000_000n;

describe.skipIf(!hasRedis())(`money in Redis${hasRedis() ? "" : " (needs redis-server)"}`, () => {
  let server: RedisServer;
  const open: RedisSpendCounters[] = [];

  beforeAll(async () => {
    server = await redisServer();
  });

  afterEach(async () => {
    await Promise.all(open.splice(0).map((counters) => counters.close()));
    await server.command("FLUSHALL");
  });

  afterAll(() => server.close());

  type Options = Partial<Parameters<typeof redisSpendCounters>[0]>;

  async function opened(options: Options = {}): Promise<RedisSpendCounters> {
    const counters = redisSpendCounters({ redis: server.url, ...options });
    open.push(counters);
    await counters.open();
    return counters;
  }

  async function all(count: number): Promise<readonly RedisSpendCounters[]> {
    return Promise.all(Array.from({ length: count }, () => opened()));
  }

  /** Tries so many reservations at once; those that were granted. */
  async function granted(who: readonly RedisSpendCounters[], claims: readonly Claim[], amount: bigint, tries: number) {
    const made = await Promise.all(
      Array.from({ length: tries }, async (_none, index) => {
        const counters = who[index % who.length] as RedisSpendCounters; // there is one
        const reservation = { claims, amount };
        return (await counters.reserve(reservation)) === null ? { counters, reservation } : null;
      }),
    );
    return made.filter((each) => each !== null);
  }

  it("is granted as often as there is room, to the trillionth of a dollar, over three at once", async () => {
    const who = await all(3);
    const amount = 1_234_567_890_123n;
    const claims = [claim("exact", amount * 50n), claim("roomy", MOST)];
    expect(await granted(who, claims, amount, 200)).toHaveLength(50);
    expect(await who[0]?.used("exact")).toBe(amount * 50n);
    expect(await granted(who, [claim("short", amount * 20n - 1n)], amount, 60)).toHaveLength(19);
  });

  it("is exact where numbers are not", async () => {
    const [one, other] = (await all(2)) as [RedisSpendCounters, RedisSpendCounters];
    const claims = [claim("large", MOST)];
    one.settle({ claims, amount: 0n }, MOST - 3n);
    await expect.poll(() => other.used("large")).toBe(MOST - 3n);
    expect(await other.reserve({ claims, amount: 4n })).toEqual(claims[0]);
    expect(await other.reserve({ claims, amount: 3n })).toBeNull();
    expect(await one.reserve({ claims, amount: 1n })).toEqual(claims[0]);
  });

  it("is put on every counter or on none", async () => {
    const [one] = (await all(1)) as [RedisSpendCounters];
    const claims = [claim("day", 10n), claim("month", 5n)];
    expect(await one.reserve({ claims, amount: 6n })).toBe(claims[1]);
    expect(await one.used("day")).toBe(0n);
    expect(await one.reserve({ claims, amount: 5n })).toBeNull();
    expect(await one.used("day")).toBe(5n);
  });

  it("is replaced by what it came to, for everybody", async () => {
    const who = await all(3);
    const claims = [claim("settled", 100n)];
    const first = await granted(who, claims, 25n, 8);
    expect(first).toHaveLength(4);
    for (const { counters, reservation } of first) counters.settle(reservation, 5n);
    await expect.poll(() => who[0]?.used("settled")).toBe(20n);
    expect(await granted(who, claims, 40n, 9)).toHaveLength(2);
  });

  it("takes one round trip and is told in batches", async () => {
    const [one] = (await all(1)) as [RedisSpendCounters];
    const claims = [claim("trip", 1_000n)];
    await one.reserve({ claims, amount: 1n });
    const before = await evaluations(server);
    const made = await granted([one], claims, 1n, 100);
    expect((await evaluations(server)) - before).toBe(100);
    const settling = await evaluations(server);
    for (const { counters, reservation } of made) counters.settle(reservation, 1n);
    await one.close();
    open.length = 0;
    expect((await evaluations(server)) - settling).toBeLessThanOrEqual(3); // the first, the others, goodbye
    expect(await server.command("HGET", "sluice:spend:{all}:counter:trip", "used")).toBe("$3\r\n101\r\n");
    expect(await server.command("HGET", "sluice:spend:{all}:counter:trip", "reserved")).toBe("$1\r\n1\r\n"); // the first
  });

  it("goes by itself where a process was killed, and only then", async () => {
    const clock = fakeClock();
    const killed = redisSpendCounters({ redis: server.url });
    await killed.open();
    const other = await opened({ clock });
    const claims = [claim("killed", 10n)];
    expect(await killed.reserve({ claims, amount: 7n })).toBeNull();
    clock.advance(10_000);
    await expect.poll(() => evaluations(server)).toBeGreaterThan(0);
    expect(await other.reserve({ claims, amount: 7n })).toEqual(claims[0]);
    await endLeases(server); // as if 30 seconds had passed without a sign of them
    await other.reserve({ claims, amount: 1n });
    clock.advance(10_000);
    await expect.poll(() => other.used("killed")).toBe(1n);
    expect(await other.reserve({ claims, amount: 7n })).toBeNull();
    expect(await server.command("ZCARD", "sluice:spend:{all}:processes")).toBe(":1\r\n");
    await killed.close();
  });

  it("is known from the ledger where Redis has forgotten it, with what is still reserved", async () => {
    const ledger = new Map([["lost", 40n]]);
    const one = await opened({ spent: async () => ledger });
    const claims = [claim("lost", 100n)];
    const running: Reservation = { claims, amount: 30n };
    expect(await one.reserve(running)).toBeNull();
    await server.command("FLUSHALL");
    await one.reserve({ claims, amount: 1n }); // finds out
    const other = await opened({ spent: async () => ledger });
    await expect.poll(() => other.used("lost")).toBe(71n);
    expect(await other.reserve({ claims, amount: 30n })).toEqual(claims[0]);
    one.settle(running, 10n);
    await expect.poll(() => other.used("lost")).toBe(51n);
  });

  it("never falls to what a ledger that lags behind says", async () => {
    const one = await opened();
    const claims = [claim("ahead", 100n)];
    one.settle({ claims, amount: 0n }, 60n);
    await expect.poll(() => one.used("ahead")).toBe(60n);
    const late = await opened({ spent: async () => new Map([["ahead", 20n]]) });
    expect(await late.used("ahead")).toBe(60n);
    const ahead = await opened({ spent: async () => new Map([["ahead", 80n]]) });
    expect(await ahead.used("ahead")).toBe(80n);
  });

  it("is counted by each from its part of what was left while Redis is away, and together again afterwards", async () => {
    const who = await Promise.all([opened({ instances: 2 }), opened({ instances: 2 })]);
    const [one, other] = who as [RedisSpendCounters, RedisSpendCounters];
    const claims = [claim("away", 100n)];
    const before = { claims, amount: 40n };
    await one.reserve(before);
    await other.reserve({ claims, amount: 0n });
    await other.used("away");
    await other.reserve({ claims, amount: 20n });
    server.freeze();
    const apart: Reservation[] = [];
    for (let count = 0; count < 5; count++) {
      const reservation = { claims, amount: 10n };
      if ((await other.reserve(reservation)) === null) apart.push(reservation);
    }
    expect(apart).toHaveLength(2); // of 40 left, half
    const [first] = apart as [Reservation];
    other.settle(first, 4n);
    server.thaw();
    await expect
      .poll(
        async () => {
          other.settle({ claims, amount: 0n }, 0n);
          await other.reserve({ claims, amount: 1_000n });
          return one.used("away");
        },
        { timeout: 10_000 },
      )
      .toBe(40n + 20n + 4n + 10n);
    one.settle(before, 1n);
    await expect.poll(() => other.used("away")).toBe(1n + 20n + 4n + 10n);
  });

  it("is shared among those that Redis knew of while it is away, whether or not their number was configured", async () => {
    await opened();
    await opened();
    const last = await opened();
    server.freeze();
    let count = 0;
    while (count < 9 && (await last.reserve({ claims: [claim("unconfigured", 90n)], amount: 10n })) === null) count++;
    server.thaw();
    expect(count).toBe(3);
  });

  it("counts what a call came to once, also where the answer was lost", async () => {
    const one = await opened();
    const claims = [claim("once", 1_000n)];
    const made = await granted([one], claims, 10n, 3);
    server.freeze();
    for (const { counters, reservation } of made) counters.settle(reservation, 7n);
    await one.reserve({ claims, amount: 1n }); // waits for the deadline
    server.thaw();
    const other = await opened();
    await expect
      .poll(
        async () => {
          await one.reserve({ claims, amount: 5_000n });
          return other.used("once");
        },
        { timeout: 10_000 },
      )
      .toBe(21n + 1n);
  });

  it.each<[string, () => Promise<void>, bigint]>([
    ["is frozen, twice", () => frozenTwice(), 0n],
    // A call that ends while another process reads the ledger may be told and read: twice rather than not at all.
    ["forgets everything, twice", () => emptiedTwice(), 24n * 100n],
  ])("comes to what was spent, also where Redis %s", async (_what, trouble, most) => {
    const ledger = new Map<string, bigint>();
    const spent = async () => new Map(ledger);
    const who = await Promise.all([1, 2, 3].map(() => opened({ instances: 3, spent })));
    const claims = [claim("whatever", MOST), claim("both", MOST)];
    let stopped = false;
    const work = async (counters: RedisSpendCounters) => {
      for (let call = 1n; !stopped; call++) {
        const reservation = { claims, amount: 100n };
        if ((await counters.reserve(reservation)) !== null) continue;
        await pass(Number(call % 7n));
        const amount = call % 90n;
        for (const { counter } of claims) ledger.set(counter, (ledger.get(counter) ?? 0n) + amount);
        counters.settle(reservation, amount);
      }
    };
    const working = who.flatMap((counters) => Array.from({ length: 8 }, () => work(counters)));
    await pass(200);
    await trouble();
    stopped = true;
    await Promise.all(working);
    for (const counters of who) {
      for (const { counter } of claims) {
        const over = async () => (await counters.used(counter)) - (ledger.get(counter) ?? 0n);
        await expect.poll(over, { timeout: 10_000 }).toSatisfy((amount: bigint) => amount >= 0n && amount <= most);
      }
    }
    const reserved = () => server.command("HGET", "sluice:spend:{all}:counter:both", "reserved");
    await expect.poll(reserved).toMatch(/^\$(-1|1\r\n0)\r\n$/);
  });

  function pass(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }

  async function frozenTwice(): Promise<void> {
    for (let round = 0; round < 2; round++) {
      server.freeze();
      await pass(400);
      server.thaw();
      await pass(1_500);
    }
  }

  async function emptiedTwice(): Promise<void> {
    await server.command("FLUSHALL");
    await pass(300);
    await server.stop();
    await pass(400);
    await server.start();
    await pass(500);
  }

  it("is counted in this process before it is open and where there is no Redis at all", async () => {
    const counters = redisSpendCounters({ redis: "redis://127.0.0.1:1" });
    const claims = [claim("alone", 10n)];
    expect(await counters.reserve({ claims, amount: 7n })).toBeNull();
    await counters.open();
    expect(await counters.reserve({ claims, amount: 7n })).toEqual(claims[0]);
    await counters.close();
  });
});

async function evaluations(server: RedisServer): Promise<number> {
  const stats = await server.command("INFO", "commandstats");
  return Number(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1] ?? 0);
}

/** Ends the lease of every process that is known. */
async function endLeases(server: RedisServer): Promise<void> {
  const key = "sluice:spend:{all}:processes";
  const lines = (await server.command("ZRANGE", key, "0", "-1")).split("\r\n");
  const ids = lines.filter((line) => /^[^*$]/.test(line));
  for (const id of ids) await server.command("ZADD", key, "1", id);
}
