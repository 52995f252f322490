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

  /** @param weight how much of the limit it takes */
  take({ limit, windowMs }: LimitRule, now: number, weight = 1): LimitVerdict {
    this.#slotMs = windowMs / SLOTS;
    this.#moveTo(Math.floor(now / this.#slotMs));
    if (this.#total + weight > limit) {
      return {
        admitted: false,
        remaining: 0,
        resetMs: this.#idleAt() - now,
        retryMs: this.#fallsTo(limit - weight) - now,
      };
    }
    this.#counts[this.#newest % this.#counts.length] = this.#countOf(this.#newest) + weight;
    this.#total += weight;
    const remaining = limit - this.#total;
    return {
      admitted: true,
      remaining,
      resetMs: this.#idleAt() - now,
      retryMs: remaining > 0 ? 0 : this.#fallsTo(limit - 1) - now,
    };
  }

  giveBack(): void {
    this.adjust(this.#newest, -1);
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

  /** The sixtieth in which the last {@link take} has counted. */
  get slot(): number {
    return this.#newest;
  }

  /** Corrects what was counted in a sixtieth, as long as it is in the window. */
  adjust(slot: number, difference: number): void {
    if (slot < this.#newest - SLOTS) return;
    const corrected = Math.max(0, this.#countOf(slot) + difference);
    this.#total += corrected - this.#countOf(slot);
    this.#counts[slot % this.#counts.length] = corrected;
  }

  /** When so many slots have left that no more than so much is counted. */
  #fallsTo(most: number): number {
    let total = this.#total;
    let slot = this.#newest - SLOTS;
    while (slot < this.#newest) {
      total -= this.#countOf(slot);
      if (total <= most) break;
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
