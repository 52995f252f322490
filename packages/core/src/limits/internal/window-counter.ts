import type { LimitRule, LimitVerdict } from "../../spec/limiter.js";
import type { Window } from "./window.js";

/** Parts of a window that are counted as one; see {@link WindowCounter}. */
export const SLOTS = 60;

/**
 * The window of a large limit: counts per sixtieth of the window instead of a time per request. The sixtieth that the
 * window's start cuts is counted whole, so it never admits more than the limit, and gives places back up to a sixtieth
 * of the window late.
 */
export class WindowCounter implements Window {
  /** One more than fit, since a window seldom starts where a slot does. */
  readonly #counts = new Float64Array(SLOTS + 1);
  #newest = Number.NEGATIVE_INFINITY;
  #total = 0;
  #slotMs = 0;

  take({ limit, windowMs }: LimitRule, now: number): LimitVerdict {
    this.#slotMs = windowMs / SLOTS;
    this.#moveTo(Math.floor(now / this.#slotMs));
    if (this.#total >= limit) {
      return { admitted: false, remaining: 0, resetMs: this.#idleAt() - now, retryMs: this.#fallsBelow(limit) - now };
    }
    this.#counts[this.#newest % this.#counts.length] = this.#countOf(this.#newest) + 1;
    this.#total++;
    const remaining = limit - this.#total;
    return {
      admitted: true,
      remaining,
      resetMs: this.#idleAt() - now,
      retryMs: remaining > 0 ? 0 : this.#fallsBelow(limit) - now,
    };
  }

  isIdle(now: number): boolean {
    return this.#total === 0 || this.#idleAt() <= now;
  }

  clear(): void {
    this.#counts.fill(0);
    this.#newest = Number.NEGATIVE_INFINITY;
    this.#total = 0;
  }

  /** When the newest slot that holds anything leaves the window. */
  #idleAt(): number {
    let slot = this.#newest;
    while (slot > this.#newest - SLOTS && this.#countOf(slot) === 0) slot--;
    return this.#leavesAt(slot);
  }

  /** When so many slots have left that the total is under the limit. */
  #fallsBelow(limit: number): number {
    let total = this.#total;
    let slot = this.#newest - SLOTS;
    while (slot < this.#newest) {
      total -= this.#countOf(slot);
      if (total < limit) break;
      slot++;
    }
    return this.#leavesAt(slot);
  }

  /** A slot is out once the whole of it is older than the window. */
  #leavesAt(slot: number): number {
    return (slot + SLOTS + 1) * this.#slotMs;
  }

  #moveTo(slot: number): void {
    const first = Math.max(this.#newest + 1, slot - SLOTS);
    for (let passed = first; passed <= slot; passed++) {
      this.#total -= this.#countOf(passed);
      this.#counts[passed % this.#counts.length] = 0;
    }
    this.#newest = Math.max(slot, this.#newest);
  }

  #countOf(slot: number): number {
    return this.#counts[slot % this.#counts.length] ?? 0; // negative before the first minute of the clock
  }
}
