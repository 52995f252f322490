import type { Clock } from "../clock.js";

const FAILURES = 3;
const WITHIN_MS = 1_000;
const REST_MS = 1_000;

/**
 * Says whether something that keeps failing is worth asking: after three failures within a second it is left alone for
 * a second, then one probe decides.
 */
export class Breaker {
  readonly #clock: Clock;
  #failedAt: readonly number[] = [];
  #restsUntil: number | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isClosed(): boolean {
    return this.#restsUntil === null;
  }

  /** Whether it is time for a probe; true once for each rest. */
  takeProbe(): boolean {
    const now = this.#clock.monotonic();
    if (this.#restsUntil === null || now < this.#restsUntil) return false;
    this.#restsUntil = now + REST_MS;
    return true;
  }

  /** True when this closes it again. */
  succeeded(): boolean {
    const wasOpen = this.#restsUntil !== null;
    this.#restsUntil = null;
    if (wasOpen) this.#failedAt = [];
    return wasOpen;
  }

  /** True when this opens it. */
  failed(): boolean {
    const now = this.#clock.monotonic();
    const wasClosed = this.#restsUntil === null;
    this.#failedAt = [...this.#failedAt.filter((at) => at > now - WITHIN_MS), now].slice(-FAILURES);
    if (wasClosed && this.#failedAt.length < FAILURES) return false;
    this.#restsUntil = now + REST_MS;
    return wasClosed;
  }
}
