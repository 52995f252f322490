import type { Model } from "../schemas/model.js";
import type { Provider } from "../spec/provider.js";

/** One model a call may go to, with the provider that serves it. */
export interface Target {
  readonly model: Model;
  readonly provider: Provider;
  /** Why it stands in the plan, such as `auto:L0` or `fallback`. */
  readonly reason: string;
}
