import type { LimitRule, LimitVerdict } from "../../spec/limiter.js";
import type { Window } from "./window.js";

/** A longer ring is not worth keeping for a key that may never need it. */
const KEPT_LENGTH = 8;

/**
 * The exact window: the time of every request it has admitted, in a ring that grows with use up to the limit.
 * An ordinary array, since one of numbers alone is stored as densely as a typed one and costs far less to begin with.
 */
export class WindowLog implements Window {
  #times: number[] = [0.5]; // a fraction, so that it holds them from the start
  #oldest = 0;
  #count = 0;
  #windowMs = 0;

  take({ limit, windowMs }: LimitRule, now: number): LimitVerdict {
    this.#windowMs = windowMs;
    this.#forgetBefore(now - windowMs);
    if (this.#count >= limit) {
      const freed = this.#count - limit; // more than one may have to go where the limit was lowered
      return {
        admitted: false,
        remaining: 0,
        resetMs: this.#idleAt() - now,
        retryMs: this.#at(freed) + windowMs - now,
      };
    }
    this.#push(now, limit);
    const remaining = limit - this.#count;
    return { admitted: true, remaining, resetMs: windowMs, retryMs: remaining > 0 ? 0 : this.#at(0) + windowMs - now };
  }

  giveBack(): void {
    if (this.#count > 0) this.#count--;
  }

  isIdle(now: number): boolean {
    return this.#count === 0 || this.#idleAt() <= now;
  }

  clear(): void {
    this.#count = 0;
    if (this.#times.length > KEPT_LENGTH) this.#times = [0.5];
    this.#oldest = 0;
  }

  /** When the last one admitted leaves the window. */
  #idleAt(): number {
    return this.#at(this.#count - 1) + this.#windowMs;
  }

  #forgetBefore(start: number): void {
    while (this.#count > 0 && this.#at(0) <= start) {
      this.#oldest = (this.#oldest + 1) % this.#times.length;
      this.#count--;
    }
  }

  #push(now: number, limit: number): void {
    if (this.#count === this.#times.length) this.#grow(limit);
    this.#times[(this.#oldest + this.#count) % this.#times.length] = now;
    this.#count++;
  }

  #grow(limit: number): void {
    const ordered = [...this.#times.slice(this.#oldest), ...this.#times.slice(0, this.#oldest)];
    const length = Math.max(this.#count + 1, Math.min(limit, this.#count * 2));
    while (ordered.length < length) ordered.push(0);
    this.#times = ordered;
    this.#oldest = 0;
  }

  #at(index: number): number {
    return this.#times[(this.#oldest + index) % this.#times.length] as number; // always inside the ring
  }
}
