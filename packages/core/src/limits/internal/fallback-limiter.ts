import type { Clock } from "../../clock.js";
import type { Limiter, LimitRule, LimitVerdict } from "../../spec/limiter.js";
import type { Logger } from "../../spec/logger.js";
import { memoryLimiter } from "../memory.js";

/** What a {@link fallbackLimiter} is made of. */
export interface FallbackLimiterDeps {
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * An application's own limiter, and one in this process for when it fails: what it counts in being away is no reason to
 * refuse anybody, nor to let everybody in.
 */
export function fallbackLimiter(own: Limiter, { clock, logger }: FallbackLimiterDeps): Limiter {
  const local = memoryLimiter({ clock });
  let isFailing = false;

  function alone(key: string, rule: LimitRule, error: unknown): LimitVerdict {
    if (!isFailing)
      logger.error({ err: error }, "the limiter fails; requests are counted in this process until it does not");
    isFailing = true;
    return local.take(key, rule);
  }

  function checked(key: string, rule: LimitRule, verdict: LimitVerdict): LimitVerdict {
    if (!isVerdict(verdict)) return alone(key, rule, new TypeError("the limiter gave no verdict"));
    isFailing = false;
    return verdict;
  }

  return {
    take(key, rule) {
      try {
        const verdict = own.take(key, rule);
        if (!(verdict instanceof Promise)) return checked(key, rule, verdict);
        return verdict.then(
          (late) => checked(key, rule, late),
          (error: unknown) => alone(key, rule, error),
        );
      } catch (error) {
        return alone(key, rule, error);
      }
    },
  };
}

/** Headers are made from it: what is no number there would be answered as such. */
function isVerdict(verdict: LimitVerdict | undefined): boolean {
  if (!verdict || typeof verdict.admitted !== "boolean") return false;
  return [verdict.remaining, verdict.resetMs, verdict.retryMs].every(Number.isFinite);
}
