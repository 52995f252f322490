import type { ChatRequest } from "../../schemas/chat.js";
import { cannot } from "./request-error.js";

/** The live versions of the Messages API. */
export type AnthropicVersion = "2023-06-01" | "2026-10-21";

/** Fields that switch reasoning on; empty where it stays off. */
export interface ReasoningFields {
  readonly thinking?: unknown;
  readonly effort?: string;
}

/** The API's own least. */
const MIN_BUDGET_TOKENS = 1_024;
/** What is left for the answer itself. */
const MIN_ANSWER_TOKENS = 256;

const BUDGETS: Readonly<Record<string, number>> = {
  low: 2_048,
  medium: 8_192,
  high: 24_576,
  xhigh: 32_768,
  max: 32_768,
};
const OFF = ["none", "minimal"];

/**
 * Reasoning for `reasoning_effort`, or what the caller put into `thinking`. Empty also where the effort cannot be met:
 * too few tokens for it, a forced tool, or a turn that has begun without (`mustNotStart`), with which the API refuses to
 * think. In the later version a turn may begin to.
 */
export function reasoningFields(
  request: ChatRequest,
  {
    version,
    maxTokens,
    forcedTool,
    mustNotStart,
  }: {
    readonly version: AnthropicVersion;
    readonly maxTokens: number;
    readonly forcedTool: boolean;
    readonly mustNotStart: boolean;
  },
): ReasoningFields {
  if (forcedTool) return {};
  const { thinking } = request;
  if (thinking !== undefined && thinking !== null) {
    if (typeof thinking !== "object" || Array.isArray(thinking)) throw cannot("thinking", "expected an object");
    return { thinking };
  }
  const { reasoning_effort: effort } = request;
  if (effort === undefined || effort === null || OFF.includes(effort)) return {};
  const budget = BUDGETS[effort];
  if (budget === undefined)
    throw cannot("reasoning_effort", `must be one of ${[...OFF, ...Object.keys(BUDGETS)].join(", ")}`);
  if (version === "2026-10-21") return { thinking: { type: "adaptive" }, effort };
  if (mustNotStart) return {};
  const budgetTokens = Math.min(budget, maxTokens - MIN_ANSWER_TOKENS);
  return budgetTokens < MIN_BUDGET_TOKENS ? {} : { thinking: { type: "enabled", budget_tokens: budgetTokens } };
}

/** Whether a caller's `thinking` says that there should be none. */
export function isOff(thinking: unknown): boolean {
  return typeof thinking === "object" && thinking !== null && "type" in thinking && thinking.type === "disabled";
}
