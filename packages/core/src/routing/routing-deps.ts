import type { Clock } from "../clock.js";
import type { Translation } from "../dialects/translation.js";
import type { Provider, Timeouts } from "../spec/provider.js";
import type { RestingModels } from "./rest.js";
import type { Slots } from "./slots.js";
import type { TimerWheel } from "./timers.js";

/** One upstream call is about to be made. */
export interface AttemptEvent {
  readonly requestId: string;
  /** 1 for the first upstream call of the request. */
  readonly attempt: number;
  readonly model: string;
  readonly provider: string;
  /** Why this model stood in the plan, such as `auto:L0`, `named` or `fallback`. */
  readonly reason: string;
}

/** An upstream call failed and another one follows. */
export interface FallbackEvent {
  readonly requestId: string;
  readonly attempt: number;
  readonly model: string;
  readonly provider: string;
  /** A key of `FAILURES`. */
  readonly code: string;
  readonly details: string | undefined;
}

/** Listeners, present only while somebody listens. */
export interface RoutingObserver {
  readonly attempt?: ((event: AttemptEvent) => void) | undefined;
  readonly fallback?: ((event: FallbackEvent) => void) | undefined;
}

/** What routing works with, built once. */
export interface RoutingDeps {
  readonly clock: Clock;
  readonly wheel: TimerWheel;
  readonly resting: RestingModels;
  readonly timeouts: Timeouts;
  /** Upstream calls per request, over all models. */
  readonly attempts: number;
  readonly translation: (provider: Provider) => Translation;
  /** The provider's slots; undefined for one without a limit. */
  readonly slots: (provider: Provider) => Slots | undefined;
  readonly observe: RoutingObserver;
}
