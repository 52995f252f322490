import { type Clock, systemClock } from "../clock.js";
import { redisClient } from "../redis/connect.js";
import { RedisLink } from "../redis/redis-link.js";
import type { RedisConfig } from "../schemas/redis.js";
import { type Logger, silentLogger } from "../spec/logger.js";
import type { SpendCounters } from "./budgets/counters.js";
import { SharedCounters } from "./budgets/shared-counters.js";

export type { Claim, Reservation, SpendCounters } from "./budgets/counters.js";

/** Options of {@link redisSpendCounters}. */
export interface RedisSpendCountersOptions {
  /** A `redis://` or `rediss://` URL, the nodes of a cluster, or the sentinels that know the server. */
  readonly redis: RedisConfig;
  /**
   * How many instances count together at least: each has its part of what is left while Redis is away. Those that Redis
   * last knew of count where they are more. @defaultValue 1
   */
  readonly instances?: number;
  /** What was spent by the owner's own books, by counter, in picodollars: read when it opens, and where Redis has forgotten it. @defaultValue nothing */
  readonly spent?: () => Promise<ReadonlyMap<string, bigint>>;
  /** @defaultValue the real clock */
  readonly clock?: Clock;
  /** Told once when Redis goes away and once when it is back. @defaultValue silence */
  readonly logger?: Logger;
}

/** {@link SpendCounters} in Redis. */
export interface RedisSpendCounters extends SpendCounters {
  /** Connects; before that it counts in this process. @throws GatewayError `not_installed`, and whatever `spent` throws */
  open(): Promise<void>;
  /** Tells Redis what it has not heard, and disconnects. */
  close(): Promise<void>;
}

/**
 * Counts money in Redis, together with every process that uses the same: reservations at the same time cannot together
 * exceed what a counter may hold, and those of a process that was killed are given back when its lease of 30 seconds
 * ends. While Redis is away each process has its part of what was left; nothing is refused, nor held up for more than a
 * tenth of a second, because Redis is. Needs the package `ioredis`. A gateway makes its own from the option `redis`;
 * this is for what else has to be paid for.
 *
 * @example
 * ```ts
 * const counters = redisSpendCounters({ redis: "redis://127.0.0.1:6379" });
 * await counters.open();
 * const claims = [{ counter: "mail:alice|2026-01", limit: 5_000_000_000_000n, keepMs: 33 * 86_400_000 }]; // $5
 * const reservation = { claims, amount: 20_000_000_000n }; // 2 cents
 * if ((await counters.reserve(reservation)) === null) counters.settle(reservation, 15_000_000_000n);
 * ```
 */
export function redisSpendCounters(options: RedisSpendCountersOptions): RedisSpendCounters {
  const { redis, instances = 1, clock = systemClock(), logger = silentLogger } = options;
  const { spent = async () => new Map<string, bigint>() } = options;
  const link = new RedisLink({ connect: () => redisClient(redis), clock, logger });
  const counters = new SharedCounters({ link, clock, instances });
  return {
    reserve: (reservation) => counters.reserve(reservation),
    settle: (reservation, amount) => counters.settle(reservation, amount),
    used: (counter) => counters.used(counter),
    known: (counter) => counters.known(counter),
    load: (read) => counters.load(read),
    async open() {
      await link.open();
      await counters.load(spent);
    },
    async close() {
      await counters.close();
      link.close();
    },
  };
}
