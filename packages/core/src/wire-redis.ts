import type { Clock } from "./clock.js";
import { redisClient } from "./redis/connect.js";
import { RedisChannel } from "./redis/redis-channel.js";
import { RedisLink } from "./redis/redis-link.js";
import { RedisMailbox } from "./redis/redis-mailbox.js";
import type { GatewayConfig } from "./schemas/options.js";
import type { Logger } from "./spec/logger.js";

/** A gateway's Redis: a connection for each thing that is done over it. */
export interface RedisParts {
  /** Where instances count together. */
  readonly link: RedisLink;
  /** What they all tell each other. */
  readonly channel: RedisChannel;
  /** Where one of them hears what is for it alone. */
  mailbox(name: string): RedisMailbox;
}

/** Builds them, not connected yet; null where no Redis is configured. */
export function wireRedis({ redis }: GatewayConfig, clock: Clock, logger: Logger): RedisParts | null {
  if (redis === null) return null;
  const parts = { connect: () => redisClient(redis), clock, logger };
  const link = new RedisLink(parts);
  return {
    link,
    channel: new RedisChannel({ ...parts, link }),
    mailbox: (name) => new RedisMailbox({ ...parts, name }),
  };
}
