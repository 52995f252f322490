import type { RetryBudget } from "./retry-budget.js";
import type { Slots } from "./slots.js";

/** How much of a provider is in use, over all calls. */
export interface ProviderLoad {
  /** Undefined where its calls are not limited. */
  readonly slots: Slots | undefined;
  readonly retries: RetryBudget;
}
