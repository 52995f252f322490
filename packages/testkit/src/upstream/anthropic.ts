import { type Gate, isGate } from "./gate.js";
import { json, type Reply, type ReplyHeaders } from "./reply.js";
import { type SseFraming, type SsePart, sse } from "./sse-framing.js";

/** A content block as it stands on the wire. */
export type Block = Readonly<Record<string, unknown>> & { readonly type: string };

/** Fields every answer has. */
export interface AnthropicAnswerOptions {
  readonly id?: string;
  readonly model?: string;
  /** @defaultValue "tool_use" where a block is one, else "end_turn" */
  readonly stop_reason?: string;
  readonly stop_sequence?: string | null;
  readonly usage?: Readonly<Record<string, unknown>>;
  readonly headers?: ReplyHeaders;
}

/** A whole answer. */
export interface MessageOptions extends AnthropicAnswerOptions {
  /** Text, or the blocks themselves. */
  readonly content?: string | readonly Block[];
  /** Further top-level fields. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** A streamed answer. */
export interface AnthropicStreamOptions extends AnthropicAnswerOptions {
  /** Whether a `ping` follows the start. @defaultValue true */
  readonly ping?: boolean;
  /** Whether `message_delta` and `message_stop` end the stream. @defaultValue true */
  readonly stop?: boolean;
  /** Ends the stream by an `error` event in the place of a stop. */
  readonly error?: { readonly type?: string; readonly message?: string };
  readonly framing?: SseFraming;
}

/**
 * What a stream says, block by block: text (neighbours share a block), thinking, a tool call whose input goes out in
 * pieces, a raw event, a comment, or a gate.
 */
export type AnthropicPart =
  | string
  | { readonly thinking: string; readonly signature?: string }
  | {
      readonly tool_use: {
        readonly id?: string;
        readonly name: string;
        readonly input?: unknown;
        readonly pieces?: number;
      };
    }
  | { readonly event: string; readonly data: unknown }
  | { readonly comment: string }
  | Gate;

const USAGE = {
  input_tokens: 9,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
  output_tokens: 3,
};
const HEADERS = { "request-id": "req_scripted", "anthropic-organization-id": "scripted" };

/** A message, 200. */
export function message(options: MessageOptions = {}): Reply {
  const { content = "Hello" } = options;
  const blocks = typeof content === "string" ? [{ type: "text", text: content }] : content;
  const stopReason = options.stop_reason ?? (blocks.some(({ type }) => type === "tool_use") ? "tool_use" : "end_turn");
  const body = { ...envelope(options, blocks), stop_reason: stopReason, ...options.extra };
  return json(200, { ...body, usage: { ...USAGE, ...options.usage } }, { ...HEADERS, ...options.headers });
}

/** A streamed message: `message_start`, `ping`, blocks, `message_delta`, `message_stop`. */
export function stream(parts: readonly AnthropicPart[], options: AnthropicStreamOptions = {}): Reply {
  const usage = { ...USAGE, ...options.usage };
  const events: SsePart[] = [
    typed("message_start", { message: { ...envelope(options, []), usage: { ...usage, output_tokens: 1 } } }),
  ];
  if (options.ping !== false) events.push(typed("ping", {}));
  const blocks = new BlockWriter(events);
  for (const part of parts) blocks.add(part);
  if (options.error) {
    const { type = "overloaded_error", message: text = "Overloaded" } = options.error;
    events.push(typed("error", { error: { type, message: text } }));
  } else if (options.stop !== false) {
    blocks.close();
    const stop_reason = options.stop_reason ?? (blocks.sawTool ? "tool_use" : "end_turn");
    const delta = { stop_reason, stop_sequence: options.stop_sequence ?? null };
    events.push(typed("message_delta", { delta, usage }), typed("message_stop", {}));
  }
  return sse(events, options.framing, { ...HEADERS, ...options.headers });
}

/** An error answer in Anthropic's form. */
export function failure(
  status: number,
  fields: { readonly type?: string; readonly message?: string } = {},
  headers: ReplyHeaders = {},
): Reply {
  const { type = "api_error", message: text = "Internal server error" } = fields;
  const body = { type: "error", error: { type, message: text }, request_id: "req_scripted" };
  return json(status, body, { ...HEADERS, ...headers });
}

function typed(event: string, fields: Readonly<Record<string, unknown>>): SsePart {
  return { event, data: { type: event, ...fields } };
}

function envelope(options: AnthropicAnswerOptions, content: readonly unknown[]) {
  return {
    id: options.id ?? "msg_scripted",
    type: "message",
    role: "assistant",
    model: options.model ?? "scripted-model",
    content,
    stop_reason: null,
    stop_sequence: options.stop_sequence ?? null,
  };
}

/** Opens and closes content blocks around what is said. */
class BlockWriter {
  sawTool = false;
  readonly #events: SsePart[];
  #index = -1;
  #open: string | null = null;

  constructor(events: SsePart[]) {
    this.#events = events;
  }

  add(part: AnthropicPart): void {
    if (typeof part === "string") {
      this.#block("text", { type: "text", text: "" });
      this.#delta({ type: "text_delta", text: part });
    } else if (isGate(part) || "comment" in part || "event" in part) {
      this.#events.push(part);
    } else if ("thinking" in part) {
      this.#block("thinking", { type: "thinking", thinking: "", signature: "" });
      this.#delta({ type: "thinking_delta", thinking: part.thinking });
      if (part.signature !== undefined) this.#delta({ type: "signature_delta", signature: part.signature });
    } else {
      this.#tool(part.tool_use);
    }
  }

  close(): void {
    if (this.#open !== null) this.#events.push(typed("content_block_stop", { index: this.#index }));
    this.#open = null;
  }

  #tool({ id, name, input = {}, pieces = 2 }: Extract<AnthropicPart, { tool_use: unknown }>["tool_use"]): void {
    this.sawTool = true;
    this.close();
    this.#block("tool_use", { type: "tool_use", id: id ?? `toolu_${this.#index + 1}`, name, input: {} });
    this.#delta({ type: "input_json_delta", partial_json: "" });
    const text = typeof input === "string" ? input : JSON.stringify(input);
    const size = Math.max(1, Math.ceil(text.length / pieces));
    for (let at = 0; at < text.length; at += size)
      this.#delta({ type: "input_json_delta", partial_json: text.slice(at, at + size) });
    this.close();
  }

  #block(type: string, content_block: object): void {
    if (this.#open === type) return;
    this.close();
    this.#open = type;
    this.#events.push(typed("content_block_start", { index: ++this.#index, content_block }));
  }

  #delta(delta: object): void {
    this.#events.push(typed("content_block_delta", { index: this.#index, delta }));
  }
}
