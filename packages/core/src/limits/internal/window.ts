import type { LimitRule, LimitVerdict } from "../../spec/limiter.js";

/** What has been admitted under one key lately. */
export interface Window {
  /** @param now monotonic milliseconds */
  take(rule: LimitRule, now: number): LimitVerdict;
  /** Forgets the last one it has admitted. */
  giveBack(): void;
  /** Whether everything it has admitted is past, so that forgetting it changes nothing. */
  isIdle(now: number): boolean;
  /** Forgets everything, to be used under another key. */
  clear(): void;
}
