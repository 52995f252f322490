import type { Attributes } from "@opentelemetry/api";
import type { LedgerRow } from "../schemas/ledger.js";
import type { Operation } from "../schemas/operation.js";
import type { CallContext } from "../spec/call.js";
import type { TracedAnswer, TracedAttempt, TracedCall } from "../spec/tracing.js";
import type { Usage } from "../spec/usage.js";

/*
 * The names are those of OpenTelemetry's semantic conventions for generative AI, and `sluice.…` for what they have none
 * for. What was said, by callers or by models, is never among them.
 */

/** What the conventions call it otherwise. */
const OPERATIONS: Partial<Record<Operation, string>> = { completions: "text_completion" };

/** Numbers that a request may hold, by the names the conventions have for them. */
const NUMBERS: readonly (readonly [field: string, attribute: string])[] = [
  ["max_tokens", "gen_ai.request.max_tokens"],
  ["max_completion_tokens", "gen_ai.request.max_tokens"], // goes before the other
  ["temperature", "gen_ai.request.temperature"],
  ["top_p", "gen_ai.request.top_p"],
  ["top_k", "gen_ai.request.top_k"],
  ["frequency_penalty", "gen_ai.request.frequency_penalty"],
  ["presence_penalty", "gen_ai.request.presence_penalty"],
  ["seed", "gen_ai.request.seed"],
];

/** What is known of a request before it is routed. */
export function requestAttributes(
  { operation, request }: TracedCall,
  { requestId, identity }: CallContext,
): Attributes {
  const attributes: Attributes = {
    "gen_ai.operation.name": OPERATIONS[operation] ?? operation,
    "gen_ai.request.model": request.model,
    "sluice.request.id": requestId,
    "sluice.stream": Reflect.get(request, "stream") === true,
  };
  if (identity?.kind === "key") attributes["sluice.key.id"] = identity.id;
  const user = identity?.kind === "key" ? identity.userId : identity?.kind === "anonymous" ? undefined : identity?.id;
  if (user !== undefined) attributes["user.id"] = user;
  return attributes;
}

/** What is known of an upstream call before it is made. */
export function attemptAttributes({ start, apiModelName }: TracedAttempt, { request }: TracedCall): Attributes {
  const { operation, provider, model, layer, attempt, reason, role } = start;
  return {
    "gen_ai.operation.name": OPERATIONS[operation] ?? operation,
    "gen_ai.provider.name": provider,
    "gen_ai.request.model": apiModelName,
    "sluice.model": model,
    "sluice.layer": layer,
    "sluice.attempt": attempt,
    "sluice.reason": reason,
    "sluice.role": role,
    ...(role === "judge" ? {} : parameters(request)), // a judge asks what it asks
  };
}

/** What an upstream call came to. */
export function rowAttributes({ status, code, usageSource, usage, cost, ttftMs }: LedgerRow): Attributes {
  const attributes: Attributes = { "sluice.status": status, "sluice.usage.source": usageSource };
  if (code !== null) attributes["error.type"] = code;
  if (usage && usageSource === "reported") Object.assign(attributes, usageAttributes(usage)); // none rather than a guess
  if (cost !== null) attributes["sluice.cost.usd"] = cost / PICO_PER_USD;
  if (ttftMs !== null) attributes["gen_ai.response.time_to_first_chunk"] = ttftMs / 1_000;
  return attributes;
}

const PICO_PER_USD = 1e12;

/** What a request came to. */
export function answerAttributes(answer: TracedAnswer): Attributes {
  const { model, provider, layer, reason, attempts, costUsd, manner, escalated, limit } = answer;
  const attributes: Attributes = {
    "gen_ai.provider.name": provider,
    "sluice.model": model,
    "sluice.layer": layer,
    "sluice.reason": reason,
    "sluice.attempts": attempts,
  };
  if (costUsd !== null) attributes["sluice.request.cost.usd"] = costUsd;
  if (manner !== undefined) attributes["sluice.cascade"] = manner;
  if (escalated !== undefined) attributes["sluice.escalated"] = escalated;
  if (limit) attributes["sluice.limited"] = limit;
  return attributes;
}

/** The conventions' `input_tokens` holds those of the cache too; ours does not. */
function usageAttributes({ input, cacheRead, cacheWrite5m, cacheWrite1h, output, reasoning }: Omit<Usage, "costUsd">) {
  const written = cacheWrite5m + cacheWrite1h;
  return {
    "gen_ai.usage.input_tokens": input + cacheRead + written,
    "gen_ai.usage.output_tokens": output,
    ...(cacheRead > 0 && { "gen_ai.usage.cache_read.input_tokens": cacheRead }),
    ...(written > 0 && { "gen_ai.usage.cache_creation.input_tokens": written }),
    ...(reasoning > 0 && { "gen_ai.usage.reasoning.output_tokens": reasoning }),
  };
}

/** The parameters of a request. What is forwarded unread may hold anything. */
function parameters(request: object): Attributes {
  const attributes: Attributes = {};
  for (const [field, attribute] of NUMBERS) {
    const value: unknown = Reflect.get(request, field);
    if (typeof value === "number") attributes[attribute] = value;
  }
  const choices: unknown = Reflect.get(request, "n");
  if (typeof choices === "number" && choices !== 1) attributes["gen_ai.request.choice.count"] = choices;
  const stop: unknown = Reflect.get(request, "stop");
  if (typeof stop === "string") attributes["gen_ai.request.stop_sequences"] = [stop];
  if (Array.isArray(stop))
    attributes["gen_ai.request.stop_sequences"] = stop.filter((each) => typeof each === "string");
  const format: unknown = Reflect.get(request, "response_format");
  if (typeof format === "object" && format !== null && "type" in format) {
    if (format.type === "json_object" || format.type === "json_schema") attributes["gen_ai.output.type"] = "json";
  }
  return attributes;
}
