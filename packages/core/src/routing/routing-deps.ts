import type { Clock } from "../clock.js";
import type { Emit } from "../spec/events.js";
import type { Provider, Timeouts } from "../spec/provider.js";
import type { ProviderLoad } from "./provider-load.js";
import type { RestingModels } from "./rest.js";
import type { TimerWheel } from "./timers.js";

/** What routing works with, built once. */
export interface RoutingDeps {
  readonly clock: Clock;
  readonly wheel: TimerWheel;
  readonly resting: RestingModels;
  readonly timeouts: Timeouts;
  /** Upstream calls per request, over all models. */
  readonly attempts: number;
  readonly load: (provider: Provider) => ProviderLoad;
  readonly emit: Emit;
}
