import { type Clock, systemClock } from "../clock.js";
import { redisClient } from "../redis/connect.js";
import { RedisLink } from "../redis/redis-link.js";
import type { RedisConfig } from "../schemas/redis.js";
import type { Limiter } from "../spec/limiter.js";
import { type Logger, silentLogger } from "../spec/logger.js";
import { sharedLimiter } from "./internal/shared-limiter.js";

/** Options of {@link redisLimiter}. */
export interface RedisLimiterOptions {
  /** A `redis://` or `rediss://` URL, the nodes of a cluster, or the sentinels that know the server. */
  readonly redis: RedisConfig;
  /** How many instances count together: each takes its share of the limits while Redis is away. @defaultValue 1 */
  readonly instances?: number;
  /** @defaultValue the real clock */
  readonly clock?: Clock;
  /** Told once when Redis goes away and once when it is back. @defaultValue silence */
  readonly logger?: Logger;
}

/** A {@link Limiter} that counts in Redis. */
export interface RedisLimiter extends Limiter {
  /** Connects; before that it counts in this process. @throws GatewayError `not_installed` */
  open(): Promise<void>;
  close(): void;
}

/**
 * A limiter that counts in Redis, together with every instance that uses the same. While Redis is away it counts in this
 * process: a request is never refused, nor held up for more than a tenth of a second, because Redis is. Needs the
 * package `ioredis`. A gateway makes its own from the option `redis`; this one is for what else has to be limited.
 *
 * @example
 * ```ts
 * const limiter = redisLimiter({ redis: "redis://127.0.0.1:6379" });
 * await limiter.open();
 * const { admitted } = await limiter.take("mail:alice", { limit: 10, windowMs: 3_600_000 });
 * ```
 */
export function redisLimiter(options: RedisLimiterOptions): RedisLimiter {
  const { redis, instances = 1, clock = systemClock(), logger = silentLogger } = options;
  const link = new RedisLink({ connect: () => redisClient(redis), clock, logger });
  const { take } = sharedLimiter({ link, clock, instances });
  return { take, open: () => link.open(), close: () => link.close() };
}
