import { z } from "zod";
import type { Clock } from "../../clock.js";
import { Recent } from "../../recent.js";
import type { RedisLink } from "../../redis/redis-link.js";
import type { LimitVerdict } from "../../spec/limiter.js";
import { ADJUST, COUNTER } from "./scripts.js";
import { WindowCounter } from "./window-counter.js";

/** What {@link TokenWindow} is made of. */
export interface TokenWindowDeps {
  readonly clock: Clock;
  readonly link: RedisLink | null;
  readonly instances: number;
}

/** Tokens taken before a call, to be corrected once it is known how many it was. */
export interface TokenReservation {
  readonly verdict: LimitVerdict;
  /** @param used what the call has really used */
  settle(used: number): void;
}

const MINUTE_MS = 60_000;
const MAX_KEYS = 100_000;
const Answer = z.tuple([z.number(), z.number(), z.number(), z.number(), z.number()]);

/**
 * Tokens per minute: a call takes what it may need before it starts and is corrected when it ends. What a process that
 * was killed had taken leaves the window with its minute.
 */
export class TokenWindow {
  readonly #deps: TokenWindowDeps;
  readonly #windows = new Recent<WindowCounter>();

  constructor(deps: TokenWindowDeps) {
    this.#deps = deps;
  }

  /** @param tokens at most all of the limit is taken, so that a large call can run when nothing else does */
  async take(key: string, limit: number, tokens: number): Promise<TokenReservation> {
    const { link, instances } = this.#deps;
    if (link?.isUsable) {
      const shared = await this.#together(link, key, limit, Math.min(tokens, limit)).catch(() => null);
      if (shared) return shared;
    }
    const most = link ? Math.ceil(limit / instances) : limit;
    return this.#alone(key, most, Math.min(tokens, most));
  }

  #alone(key: string, limit: number, tokens: number): TokenReservation {
    const { clock } = this.#deps;
    const window = this.#windows.get(key) ?? new WindowCounter();
    this.#windows.set(key, window);
    this.#windows.shrinkTo(MAX_KEYS);
    const verdict = window.take({ limit, windowMs: MINUTE_MS }, clock.monotonic(), tokens);
    const { slot } = window;
    return { verdict, settle: (used) => window.adjust(slot, used - tokens) };
  }

  async #together(link: RedisLink, key: string, limit: number, tokens: number): Promise<TokenReservation> {
    const redisKey = `sluice:tokens:{${key}}`;
    const answer = await link.run(COUNTER, redisKey, [limit, MINUTE_MS * 1_000, tokens]);
    const [admitted, remaining, resetUs, retryUs, slot] = Answer.parse(answer);
    const verdict = { admitted: admitted === 1, remaining, resetMs: resetUs / 1_000, retryMs: retryUs / 1_000 };
    return {
      verdict,
      settle(used) {
        // What is lost here leaves the window with its minute.
        if (used !== tokens && link.isUsable) link.run(ADJUST, redisKey, [slot, used - tokens]).catch(() => undefined);
      },
    };
  }
}
