import { type Clock, systemClock } from "../clock.js";
import { Recent } from "../recent.js";
import type { Limiter, LimitRule, LimitVerdict } from "../spec/limiter.js";
import type { Window } from "./internal/window.js";
import { WindowCounter } from "./internal/window-counter.js";
import { WindowLog } from "./internal/window-log.js";

/** Options of {@link memoryLimiter}. */
export interface MemoryLimiterOptions {
  /** @defaultValue the real clock */
  readonly clock?: Clock;
  /** Keys that are remembered at most; beyond them idle ones are forgotten first, then those not seen for longest. @defaultValue 100,000 */
  readonly maxKeys?: number;
}

/** A {@link Limiter} in this process. */
export interface MemoryLimiter extends Limiter {
  take(key: string, rule: LimitRule): LimitVerdict;
  /** Does as if the last request of this key that was admitted had not been. */
  giveBack(key: string): void;
  /** Keys remembered now. */
  readonly size: number;
}

/** A limit above this is counted by parts of the window; one time per request would be too much to keep. */
export const LARGEST_EXACT_LIMIT = 10_000;
const MAX_KEYS = 100_000;
/** How many entries are looked at for an idle one before one that is not has to go. */
const LOOKED_AT = 16;
/** Idle entries forgotten with each new key, so that memory falls again after a flood. */
const FORGOTTEN_AT_ONCE = 2;

/**
 * A limiter in this process: exact for limits up to 10,000; larger ones give places back up to a sixtieth of the window late.
 *
 * @example
 * ```ts
 * const limiter = memoryLimiter();
 * limiter.take("ip:203.0.113.7", { limit: 100, windowMs: 60_000 }).remaining; // 99
 * ```
 */
export function memoryLimiter({ clock = systemClock(), maxKeys = MAX_KEYS }: MemoryLimiterOptions = {}): MemoryLimiter {
  const windows = new Recent<Window>();

  function windowOf(key: string, { limit }: LimitRule, now: number): Window {
    const Kind = limit > LARGEST_EXACT_LIMIT ? WindowCounter : WindowLog;
    const known = windows.get(key) ?? reused(key, now);
    if (known instanceof Kind) return known;
    const made = new Kind();
    windows.set(key, made);
    return made;
  }

  /** The window of a key that is forgotten for this one, where there is no room for both. */
  function reused(key: string, now: number): Window | undefined {
    const [oldest, ...idle] = leastRecent(now);
    for (const each of idle) windows.delete(each);
    if (oldest === undefined) return undefined;
    windows.rename(oldest, key);
    const window = windows.get(key);
    window?.clear();
    return window;
  }

  /** Keys to forget: idle ones, so that memory falls again after a flood, else one that has to go. */
  function leastRecent(now: number): readonly string[] {
    const idle: string[] = [];
    let lookedAt = 0;
    let longestUnseen: string | undefined;
    for (const [key, window] of windows.fromOldest()) {
      longestUnseen ??= key;
      if (window.isIdle(now)) idle.push(key);
      if (++lookedAt === LOOKED_AT || idle.length === FORGOTTEN_AT_ONCE) break;
    }
    if (idle.length > 0 || windows.size < maxKeys || longestUnseen === undefined) return idle;
    return [longestUnseen];
  }

  return {
    take(key, rule) {
      const now = clock.monotonic();
      return windowOf(key, rule, now).take(rule, now);
    },
    giveBack: (key) => windows.get(key)?.giveBack(),
    get size() {
      return windows.size;
    },
  };
}
