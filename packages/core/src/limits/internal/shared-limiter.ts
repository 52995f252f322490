import { z } from "zod";
import type { Clock } from "../../clock.js";
import { Recent } from "../../recent.js";
import type { RedisLink } from "../../redis/redis-link.js";
import type { Limiter, LimitRule, LimitVerdict } from "../../spec/limiter.js";
import { LARGEST_EXACT_LIMIT, type MemoryLimiter, memoryLimiter } from "../memory.js";
import { COUNTER, LOG } from "./scripts.js";

/** What a {@link sharedLimiter} is made of. */
export interface SharedLimiterDeps {
  readonly link: RedisLink;
  readonly clock: Clock;
  /** How many instances count together: each takes its share of the limits while Redis is away. */
  readonly instances: number;
}

/** Refusals that are remembered at most. */
const MAX_REFUSALS = 10_000;

/** Admitted, remaining, reset and retry in microseconds. */
const Answer = z.tuple([z.number(), z.number(), z.number(), z.number()]).rest(z.number());

/** A refusal that holds until a known moment, whoever asks. */
interface Refusal {
  readonly limit: number;
  readonly freeAt: number;
  readonly wholeAt: number;
}

/**
 * A limiter that counts in Redis, together with every other instance. While Redis is away, or late, it counts in this
 * process, which knows what it has admitted itself before: alone it never admits more than the limit. A full window stays full until its oldest entry leaves it, so a refusal is repeated from memory until then: a caller
 * who floods costs Redis nothing.
 */
export function sharedLimiter({ link, clock, instances }: SharedLimiterDeps): Limiter {
  const local: MemoryLimiter = memoryLimiter({ clock });
  const refusals = new Recent<Refusal>();

  function alone(key: string, rule: LimitRule): LimitVerdict {
    const whole = local.take(key, rule);
    if (!whole.admitted || instances === 1) return whole;
    const share = local.take(`alone ${key}`, { limit: Math.ceil(rule.limit / instances), windowMs: rule.windowMs });
    if (!share.admitted) local.giveBack(key);
    return share.admitted && whole.remaining < share.remaining ? whole : share;
  }

  function remembered(key: string, { limit }: LimitRule): LimitVerdict | null {
    const known = refusals.get(key);
    if (!known) return null;
    const retryMs = known.freeAt - clock.monotonic();
    if (known.limit !== limit || retryMs <= 0) {
      refusals.delete(key);
      return null;
    }
    return { admitted: false, remaining: 0, resetMs: known.wholeAt - clock.monotonic(), retryMs };
  }

  function remember(key: string, { limit }: LimitRule, { resetMs, retryMs }: LimitVerdict): void {
    const now = clock.monotonic();
    refusals.set(key, { limit, freeAt: now + retryMs, wholeAt: now + resetMs });
    refusals.shrinkTo(MAX_REFUSALS);
  }

  async function together(key: string, rule: LimitRule): Promise<LimitVerdict> {
    const large = rule.limit > LARGEST_EXACT_LIMIT;
    const [script, prefix] = large ? [COUNTER, "sluice:rlc:"] : [LOG, "sluice:rl:"];
    try {
      // The braces keep what belongs to one caller on one node of a cluster.
      const answer = await link.run(script, `${prefix}{${key}}`, [rule.limit, rule.windowMs * 1_000]);
      const [admitted, remaining, resetUs, retryUs] = Answer.parse(answer);
      const verdict = { admitted: admitted === 1, remaining, resetMs: resetUs / 1_000, retryMs: retryUs / 1_000 };
      if (verdict.admitted) local.take(key, rule);
      else remember(key, rule, verdict);
      return verdict;
    } catch {
      return alone(key, rule);
    }
  }

  return {
    take(key, rule) {
      const refusal = remembered(key, rule);
      if (refusal) return refusal;
      return link.isUsable ? together(key, rule) : alone(key, rule);
    },
  };
}
