import * as openai from "./openai.js";
import type { Reply, ReplyHeaders } from "./reply.js";
import { json } from "./reply.js";

/** OpenRouter's error object. */
export interface OpenrouterError {
  /** A status as a number. */
  readonly code?: number | string;
  readonly message?: string;
  /** Such as `{ provider_name, raw }`. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** A streamed answer. */
export interface OpenrouterStreamOptions extends openai.StreamOptions {
  /** Ends the stream with an error chunk in the place of a finish. */
  readonly error?: OpenrouterError;
}

const MODEL = "scripted/model:free";
const PROCESSING = "OPENROUTER PROCESSING";

/** A chat completion with OpenRouter's additions: `provider`, `native_finish_reason` in the choice, `usage.cost`. */
export function completion(options: openai.CompletionOptions = {}): Reply {
  const usage = { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12, cost: 0 };
  return openai.completion({
    id: "gen-scripted",
    model: MODEL,
    usage,
    ...options,
    extra: { provider: "Scripted", ...options.extra },
  });
}

/** A stream that opens with OpenRouter's comments; with `error` it dies by a chunk that holds a top-level `error`. */
export function stream(parts: readonly openai.StreamPart[], options: OpenrouterStreamOptions = {}): Reply {
  const { error, ...rest } = options;
  const all = { id: "gen-scripted", model: MODEL, ...rest, extra: { provider: "Scripted", ...options.extra } };
  const framing = { comments: [PROCESSING, PROCESSING], ...options.framing };
  if (!error) return openai.stream(parts, { ...all, framing });
  const { steps } = openai.stream(parts, { ...all, framing, finish_reason: null, usage: false, done: false });
  const chunk = {
    id: all.id,
    object: "chat.completion.chunk",
    created: 1_790_000_000,
    model: all.model,
    provider: "Scripted",
    error: errorObject(error),
    choices: [{ index: 0, delta: { content: "" }, finish_reason: "error" }],
  };
  const last = Buffer.from(`data: ${JSON.stringify(chunk)}\n\n`);
  return { steps: [...steps, { kind: "bytes", bytes: last, event: true }] };
}

/** An error answer: the status of `code` unless one is given. */
export function failure(error: OpenrouterError = {}, status?: number, headers: ReplyHeaders = {}): Reply {
  const code = typeof error.code === "number" ? error.code : 502;
  return json(status ?? code, { error: errorObject(error), user_id: "user_scripted" }, headers);
}

/** An error inside an answer whose status is 200. */
export function inBandFailure(error: OpenrouterError = {}): Reply {
  return failure(error, 200);
}

function errorObject({ code = 502, message = "Provider returned error", metadata }: OpenrouterError) {
  return { code, message, ...(metadata ? { metadata } : {}) };
}
