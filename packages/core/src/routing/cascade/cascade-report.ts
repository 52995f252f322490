import type { JudgedAnswer } from "../../spec/judge.js";
import type { Policy } from "./policy.js";
import type { NamedVerdict } from "./verdicts.js";

/** What kept a rejected answer from being replaced. */
export type Limit = "ceiling" | "share" | "budget" | "failed";

/** What a cascade did, for headers, the receipt and events. */
export interface CascadeReport {
  readonly mode: Policy["mode"];
  readonly verdicts: readonly NamedVerdict[];
  /** Whether a higher layer gave the answer in the end. */
  readonly escalated: boolean;
  /** Null where nothing stood in the way. */
  readonly limit: Limit | null;
  /** The answer that was judged and the one that checked it; only for callers that asked for a cross-check. */
  readonly answers: readonly JudgedAnswer[] | null;
}
