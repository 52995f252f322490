import { type Gate, isGate } from "./gate.js";
import { json, type Reply, type ReplyHeaders } from "./reply.js";
import { type SseFraming, type SsePart, sse } from "./sse-framing.js";

/** A tool call to answer with; arguments that are no string go out as JSON text. */
export interface ScriptedToolCall {
  readonly id?: string;
  readonly name: string;
  readonly arguments?: unknown;
}

/** Fields every answer has. */
export interface OpenaiAnswerOptions {
  readonly id?: string;
  readonly model?: string;
  /** Seconds since the epoch. */
  readonly created?: number;
  readonly headers?: ReplyHeaders;
  /** Further top-level fields, over the ones made here. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** A whole answer. */
export interface CompletionOptions extends OpenaiAnswerOptions {
  readonly content?: string | null;
  readonly tool_calls?: readonly ScriptedToolCall[];
  readonly refusal?: string | null;
  /** Further fields of the message, such as `reasoning_content`. */
  readonly message?: Readonly<Record<string, unknown>>;
  /** @defaultValue "tool_calls" where there are any, else "stop" */
  readonly finish_reason?: string;
  /** @defaultValue a small one; null leaves it out */
  readonly usage?: Readonly<Record<string, unknown>> | null;
}

/** A streamed answer. */
export interface StreamOptions extends OpenaiAnswerOptions {
  /** Adds the final usage chunk, and `usage: null` to the others. True: a small one. */
  readonly usage?: Readonly<Record<string, unknown>> | boolean;
  /** @defaultValue "tool_calls" where a part holds one, else "stop"; null leaves the finishing chunk out */
  readonly finish_reason?: string | null;
  /** Whether `[DONE]` ends the stream. @defaultValue true */
  readonly done?: boolean;
  readonly framing?: SseFraming;
}

/** What a stream says: text, the fields of any other delta, a comment, or a gate. */
export type StreamPart = string | Readonly<Record<string, unknown>> | { readonly comment: string } | Gate;

const USAGE = { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 };
const CREATED = 1_790_000_000;

/** A chat completion, 200. */
export function completion(options: CompletionOptions = {}): Reply {
  const { tool_calls, usage = USAGE } = options;
  const calls = tool_calls?.map((call, index) => wholeCall(call, index));
  const message = {
    role: "assistant",
    content: options.content ?? (calls ? null : "Hello"),
    refusal: options.refusal ?? null,
    ...(calls ? { tool_calls: calls } : {}),
    ...options.message,
  };
  const finish_reason = options.finish_reason ?? (calls ? "tool_calls" : "stop");
  const body = {
    ...envelope(options, "chat.completion"),
    choices: [{ index: 0, message, logprobs: null, finish_reason }],
    ...(usage === null ? {} : { usage }),
    ...options.extra,
  };
  return json(200, body, { "x-request-id": "req_scripted", ...options.headers });
}

/** A streamed chat completion: role, parts, finish, usage where asked, `[DONE]`. */
export function stream(parts: readonly StreamPart[], options: StreamOptions = {}): Reply {
  const { usage = false, done = true } = options;
  const chunk = (choices: readonly unknown[], used: unknown = null): SsePart => ({
    data: {
      ...envelope(options, "chat.completion.chunk"),
      choices,
      ...(usage === false ? {} : { usage: used }),
      ...options.extra,
    },
  });
  const choice = (delta: unknown, finish_reason: string | null = null): SsePart =>
    chunk([{ index: 0, delta, logprobs: null, finish_reason }]);
  const finish =
    options.finish_reason === undefined ? (parts.some(holdsTool) ? "tool_calls" : "stop") : options.finish_reason;
  const events: SsePart[] = [
    choice({ role: "assistant", content: "", refusal: null }),
    ...parts.map((part) => {
      if (typeof part === "string") return choice({ content: part });
      return isGate(part) || isComment(part) ? part : choice(part);
    }),
  ];
  if (finish !== null) events.push(choice({}, finish));
  if (usage !== false) events.push(chunk([], usage === true ? USAGE : usage));
  if (done) events.push({ data: "[DONE]" });
  return sse(events, options.framing, { "x-request-id": "req_scripted", ...options.headers });
}

/** The deltas by which one tool call streams: its name first, then its arguments in pieces. */
export function toolCallDeltas(
  call: ScriptedToolCall,
  { index = 0, pieces = 2 }: { readonly index?: number; readonly pieces?: number } = {},
): StreamPart[] {
  const whole = wholeCall(call, index);
  const text = whole.function.arguments;
  const size = Math.max(1, Math.ceil(text.length / pieces));
  const deltas: StreamPart[] = [{ tool_calls: [{ index, ...whole, function: { name: call.name, arguments: "" } }] }];
  for (let at = 0; at < text.length; at += size)
    deltas.push({ tool_calls: [{ index, function: { arguments: text.slice(at, at + size) } }] });
  return deltas;
}

/** An error answer in OpenAI's form. */
export function failure(
  status: number,
  fields: {
    readonly message?: string;
    readonly type?: string;
    readonly code?: string | null;
    readonly param?: string;
  } = {},
  headers: ReplyHeaders = {},
): Reply {
  const { message = "The server had an error", type = "server_error", code = null, param = null } = fields;
  return json(status, { error: { message, type, param, code } }, { "x-request-id": "req_scripted", ...headers });
}

/** The answer to `GET …/models`. */
export function models(ids: readonly string[]): Reply {
  return json(200, {
    object: "list",
    data: ids.map((id) => ({ id, object: "model", created: CREATED, owned_by: "scripted" })),
  });
}

function envelope({ id, model, created }: OpenaiAnswerOptions, object: string) {
  return { id: id ?? "chatcmpl-scripted", object, created: created ?? CREATED, model: model ?? "scripted-model" };
}

function wholeCall({ id, name, arguments: args = {} }: ScriptedToolCall, index: number) {
  const text = typeof args === "string" ? args : JSON.stringify(args);
  return { id: id ?? `call_${index}`, type: "function", function: { name, arguments: text } };
}

function isComment(part: object): part is { readonly comment: string } {
  return "comment" in part;
}

function holdsTool(part: StreamPart): boolean {
  return typeof part === "object" && "tool_calls" in part;
}
