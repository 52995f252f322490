import { createHash } from "node:crypto";
import type { ChatRequest } from "../../schemas/chat.js";
import type { Model } from "../../schemas/model.js";
import type { ChatData } from "../model-call.js";
import type { Block } from "./block.js";
import { cannot } from "./request-error.js";
import { formatFields, uncheckedKeywords } from "./request-format.js";
import { conversation, isWithinUnreasonedTurn } from "./request-messages.js";
import { type AnthropicVersion, isOff, type ReasoningFields, reasoningFields } from "./request-reasoning.js";
import { toolFields } from "./request-tools.js";

/** `max_tokens`, which the API demands, for a model whose own cap is not in the catalogue. */
const DEFAULT_MAX_TOKENS = 8_192;

/** Request fields that have a form in the Messages API, or none that matters there. */
const UNDERSTOOD = new Set([
  "model",
  "models",
  "sluice",
  "messages",
  "stream",
  "stream_options",
  "max_tokens",
  "max_completion_tokens",
  "stop",
  "tools",
  "tool_choice",
  "parallel_tool_calls",
  "response_format",
  "reasoning_effort",
  "thinking",
  "temperature",
  "top_p",
  "top_k",
  "user",
  "n",
  "cache_control",
  "store",
]);

/** A request in the words of the Messages API. */
export interface AnthropicRequest {
  readonly body: string;
  /** Fields of the caller that have no form there. */
  readonly dropped: readonly string[];
}

/** @throws GatewayError `invalid_request` where the request has no form in the Messages API */
export function anthropicRequest({ request }: ChatData, model: Model, version: AnthropicVersion): AnthropicRequest {
  if ((request.n ?? 1) > 1) throw cannot("n", "this model gives one answer at a time");
  const maxTokens = request.max_completion_tokens ?? request.max_tokens ?? model.maxOutputTokens ?? DEFAULT_MAX_TOKENS;
  const tools = toolFields(request);
  const forcedTool = tools.tool_choice?.type === "any" || tools.tool_choice?.type === "tool";
  const { system, messages } = conversation(request.messages);
  const mustNotStart = isWithinUnreasonedTurn(messages);
  const reasoning = reasoningFields(request, { version, maxTokens, forcedTool, mustNotStart });
  const formatted = formatFields(request);
  const { format, instruction } = formatted;
  const sampling = samplingFields(request, version, reasoning);
  const stop = stopField(request.stop);
  const outputConfig = { ...(format ? { format } : {}), ...(reasoning.effort ? { effort: reasoning.effort } : {}) };
  const body = {
    model: model.apiModelName,
    max_tokens: maxTokens,
    ...systemField(system, instruction),
    messages,
    ...tools,
    ...sampling.fields,
    ...stop.fields,
    ...(reasoning.thinking ? { thinking: reasoning.thinking } : {}),
    ...(Object.keys(outputConfig).length > 0 ? { output_config: outputConfig } : {}),
    ...(request.cache_control ? { cache_control: request.cache_control } : {}),
    // A hash tells users apart and names none of them.
    ...(request.user ? { metadata: { user_id: createHash("sha256").update(request.user).digest("hex") } } : {}),
    ...(request.stream ? { stream: true } : {}),
  };
  return {
    body: JSON.stringify(body),
    dropped: [
      ...sampling.dropped,
      ...stop.dropped,
      ...ignoredEffort(request, reasoning),
      ...uncheckedKeywords(formatted, request.stream === true),
      ...ignoredInside(request),
      ...unknownFields(request),
    ],
  };
}

function systemField(system: Block[], instruction: string | undefined): { readonly system?: readonly Block[] } {
  const blocks = instruction ? [...system, { type: "text", text: instruction }] : system;
  return blocks.length > 0 ? { system: blocks } : {};
}

/** The later version takes no sampling parameters, and neither does a model that reasons. */
function samplingFields(
  { temperature, top_p: topP, top_k: topK }: ChatRequest,
  version: AnthropicVersion,
  { thinking }: ReasoningFields,
): { readonly fields: Readonly<Record<string, unknown>>; readonly dropped: readonly string[] } {
  const given = Object.entries({ temperature, top_p: topP, top_k: topK }).filter(
    ([, value]) => value !== undefined && value !== null,
  );
  if (version === "2026-10-21" || (thinking && !isOff(thinking)))
    return { fields: {}, dropped: given.map(([name]) => name) };
  const clamped = typeof temperature === "number" && temperature > 1;
  const fields = Object.fromEntries(given);
  return clamped ? { fields: { ...fields, temperature: 1 }, dropped: ["temperature"] } : { fields, dropped: [] };
}

/** The API refuses stop sequences of nothing but white space. */
function stopField(stop: ChatRequest["stop"]): {
  readonly fields: { readonly stop_sequences?: readonly string[] };
  readonly dropped: readonly string[];
} {
  const wanted = typeof stop === "string" ? [stop] : (stop ?? []);
  const sequences = wanted.filter((text) => text.trim() !== "");
  return {
    fields: sequences.length > 0 ? { stop_sequences: sequences } : {},
    dropped: sequences.length < wanted.length ? ["stop"] : [],
  };
}

function ignoredEffort(request: ChatRequest, { thinking }: ReasoningFields): readonly string[] {
  if (thinking) return [];
  const { reasoning_effort: effort } = request;
  const wanted = effort !== undefined && effort !== null && effort !== "none" && effort !== "minimal";
  const asked = request.thinking && !isOff(request.thinking);
  return [...(wanted ? ["reasoning_effort"] : []), ...(asked ? ["thinking"] : [])];
}

/** What stands deeper in the request and has no form: that a tool is strict, how closely to look at an image, a speaker's name. */
function ignoredInside({ tools, messages }: ChatRequest): readonly string[] {
  const strict = tools?.some((tool) => tool.function?.strict === true);
  const detailed = messages.some(
    ({ content }) => Array.isArray(content) && content.some((part) => asksForDetail(part.image_url)),
  );
  const named = messages.some(({ name, role }) => name !== undefined && role !== "tool");
  return [
    ...(strict ? ["tools.function.strict"] : []),
    ...(detailed ? ["messages.content.image_url.detail"] : []),
    ...(named ? ["messages.name"] : []),
  ];
}

/** `auto` is what happens anyway. */
function asksForDetail(image: unknown): boolean {
  if (typeof image !== "object" || image === null || !("detail" in image)) return false;
  return typeof image.detail === "string" && image.detail !== "auto";
}

/** What would have changed the answer elsewhere; a null, a zero penalty or `false` would not. */
function unknownFields(request: ChatRequest): readonly string[] {
  return Object.entries(request)
    .filter(
      ([name, value]) =>
        !UNDERSTOOD.has(name) && value !== undefined && value !== null && value !== false && value !== 0,
    )
    .map(([name]) => name);
}
