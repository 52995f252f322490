import type { Clock } from "../clock.js";
import type { UpstreamFailure } from "../dialects/upstream-failure.js";
import { RecentOutcomes } from "./recent-outcomes.js";

const FAILURES_TO_OPEN = 5;
/** Of so many calls in half a minute, the part that failed at which a model rests though others come through. */
const CALLS_TO_JUDGE = 20;
const FAILED_SHARE_TO_OPEN = 0.5;
const BASE_REST_MS = 5_000;
const MAX_REST_MS = 60_000;
/** How long one call may try a model that had rested, before another one may. */
const TRIAL_MS = 5_000;
/** A longer wait asked for by an upstream is cut to this: nobody waits eleven days on a header's word. */
const MAX_ASKED_REST_MS = 600_000;

interface Health {
  /** In a row. */
  failures: number;
  /** Times in a row that it opened. */
  opened: number;
  /** Whether it was called since it opened: what comes of calls from before then says nothing new. */
  isTried: boolean;
  /** Not to be tried before, as the upstream itself asked. */
  askedUntil: number;
  /** Better not tried before, as it keeps failing. */
  openUntil: number;
  readonly recent: RecentOutcomes;
}

/**
 * Which models rest. A model whose upstream named a time (429 with Retry-After) is not called before it; one that failed
 * five times in a row, or half of its calls in the last half minute, is avoided for a while, and then tried by one call at
 * a time.
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
    return health && health.askedUntil > 0 ? Math.max(0, health.askedUntil - this.#clock.monotonic()) : 0;
  }

  /** Whether other models should be preferred. */
  isOpen(modelId: string): boolean {
    const health = this.#health.get(modelId);
    return health !== undefined && health.openUntil > 0 && health.openUntil > this.#clock.monotonic();
  }

  /** Says that a model is about to be called. One that had rested is others' last choice again until this call has ended. */
  trying(modelId: string): void {
    const health = this.#health.get(modelId);
    if (!health || health.opened === 0) return;
    health.isTried = true;
    const now = this.#clock.monotonic();
    if (health.openUntil <= now) health.openUntil = now + TRIAL_MS;
  }

  /** Books an answer. Nothing is held any more against a model that was resting. */
  succeeded(modelId: string): void {
    const health = this.#of(modelId);
    health.recent.add(this.#clock.monotonic(), true);
    health.failures = 0;
    health.askedUntil = 0;
    if (health.opened === 0 || !health.isTried) return;
    health.opened = 0;
    health.openUntil = 0;
    health.recent.clear();
  }

  /** Books one failure of the upstream's own making. */
  failed(modelId: string, failure: UpstreamFailure): void {
    const health = this.#of(modelId);
    const now = this.#clock.monotonic();
    if (failure.retryAfterMs !== undefined) {
      health.askedUntil = Math.max(health.askedUntil, now + Math.min(failure.retryAfterMs, MAX_ASKED_REST_MS));
    }
    if (health.openUntil > now && !health.isTried) return; // one of many that were on their way
    health.recent.add(now, false);
    health.failures++;
    const failsOften = health.recent.failedShare(CALLS_TO_JUDGE) >= FAILED_SHARE_TO_OPEN;
    if (health.opened > 0 || health.failures >= FAILURES_TO_OPEN || failsOften) this.#open(health, now);
  }

  /** Forgets whatever was held against a model: it is served in another way now. */
  forget(modelId: string): void {
    this.#health.delete(modelId);
  }

  #open(health: Health, now: number): void {
    const restMs = Math.min(MAX_REST_MS, BASE_REST_MS * 2 ** health.opened);
    health.opened++;
    health.isTried = false;
    health.recent.clear();
    health.openUntil = now + restMs * (0.75 + this.#clock.random() / 2);
  }

  #of(modelId: string): Health {
    const known = this.#health.get(modelId);
    if (known) return known;
    const recent = new RecentOutcomes();
    const health = { failures: 0, opened: 0, isTried: false, askedUntil: 0, openUntil: 0, recent };
    this.#health.set(modelId, health);
    return health;
  }
}
