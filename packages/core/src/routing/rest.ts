import type { Clock } from "../clock.js";
import type { UpstreamFailure } from "../dialects/upstream-failure.js";

const FAILURES_TO_OPEN = 5;
const BASE_REST_MS = 5_000;
const MAX_REST_MS = 60_000;
/** How long one call may try a model that had rested, before another one may. */
const TRIAL_MS = 5_000;
/** A longer wait asked for by an upstream is cut to this: nobody waits eleven days on a header's word. */
const MAX_ASKED_REST_MS = 600_000;

interface Health {
  failures: number;
  /** Times in a row that it opened. */
  opened: number;
  /** Not to be tried before, as the upstream itself asked. */
  askedUntil: number;
  /** Better not tried before, as it keeps failing. */
  openUntil: number;
}

/**
 * Which models rest. A model whose upstream named a time (429 with Retry-After) is not called before it; one that failed
 * five times in a row is avoided for a while, and then tried by one call at a time.
 */
export class RestingModels {
  readonly #clock: Clock;
  readonly #health = new Map<string, Health>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds until the upstream is willing again; 0 for now. */
  askedMs(modelId: string): number {
    const health = this.#health.get(modelId);
    return health ? Math.max(0, health.askedUntil - this.#clock.monotonic()) : 0;
  }

  /** Whether other models should be preferred. */
  isOpen(modelId: string): boolean {
    const health = this.#health.get(modelId);
    return health !== undefined && health.openUntil > this.#clock.monotonic();
  }

  /** Says that a model is about to be called. One that had rested is others' last choice again until this call has ended. */
  trying(modelId: string): void {
    const health = this.#health.get(modelId);
    if (!health || health.opened === 0) return;
    const now = this.#clock.monotonic();
    if (health.openUntil <= now) health.openUntil = now + TRIAL_MS;
  }

  /** Forgets whatever was held against a model: it has answered, or is served in another way now. */
  succeeded(modelId: string): void {
    if (this.#health.size > 0) this.#health.delete(modelId);
  }

  /** Books one failure of the upstream's own making. */
  failed(modelId: string, failure: UpstreamFailure): void {
    const health = this.#health.get(modelId) ?? { failures: 0, opened: 0, askedUntil: 0, openUntil: 0 };
    this.#health.set(modelId, health);
    const now = this.#clock.monotonic();
    if (failure.retryAfterMs !== undefined) {
      health.askedUntil = Math.max(health.askedUntil, now + Math.min(failure.retryAfterMs, MAX_ASKED_REST_MS));
    }
    if (++health.failures < FAILURES_TO_OPEN) return;
    const restMs = Math.min(MAX_REST_MS, BASE_REST_MS * 2 ** health.opened);
    health.opened++;
    health.failures = FAILURES_TO_OPEN - 1; // after the rest, one more failure opens it again
    health.openUntil = now + restMs * (0.75 + this.#clock.random() / 2);
  }
}
