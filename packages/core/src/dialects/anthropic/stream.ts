import type { Model } from "../../schemas/model.js";
import type { Usage } from "../../spec/usage.js";
import type { ChatData } from "../model-call.js";
import type { SseEvent } from "../sse-event.js";
import type { Step, StreamReader } from "../upstream-call.js";
import { UpstreamFailure } from "../upstream-failure.js";
import { wantsUsage } from "../wants-usage.js";
import { REFUSED } from "./answer.js";
import type { Block } from "./block.js";
import { inBandFailure } from "./failure.js";
import { finishReason } from "./stop-reason.js";
import { AnthropicUsage, openaiUsageObject } from "./usage.js";

const NOTHING: Step = { kind: "meta", frame: null };

/** What the events hold, each field read as unknown until it is looked at. */
interface StreamEvent {
  readonly type?: unknown;
  readonly message?: { readonly id?: unknown; readonly model?: unknown; readonly usage?: unknown };
  readonly content_block?: Block;
  readonly delta?: Readonly<Record<string, unknown>>;
  readonly usage?: unknown;
}

/** Turns a stream of the Messages API into chunks of OpenAI's. */
export class AnthropicStreamReader implements StreamReader {
  readonly #call: ChatData;
  readonly #model: Model;
  readonly #counted = new AnthropicUsage();
  /** Every chunk up to its delta, and from its finish reason on; the same for all of them once the message has begun. */
  #head = "";
  readonly #tail: string;
  #identity = "";
  #stopReason: unknown = null;
  /** OpenAI counts tool calls, not blocks. */
  #tools = 0;
  #block: { type: string; thinking: string; signature: string; hasInput: boolean; raw: Block } | null = null;

  constructor(call: ChatData, model: Model) {
    this.#call = call;
    this.#model = model;
    // Who asks for usage gets the field with every chunk, and its value at the end.
    this.#tail = wantsUsage(call.request) ? '}],"usage":null}\n\n' : "}]}\n\n";
    this.#identify(undefined, undefined);
  }

  get usage(): Usage | null {
    return this.#counted.usage;
  }

  read(event: SseEvent): Step {
    const { data } = event;
    if (!data) return NOTHING;
    const body = parse(data);
    if (!body) return failed(new UpstreamFailure("upstream_failed", { details: "sent an event that is not JSON" }));
    switch (body.type) {
      case "content_block_delta":
        return this.#onDelta(body.delta ?? {});
      case "content_block_start":
        return this.#onBlockStart(body.content_block);
      case "content_block_stop":
        return this.#onBlockStop();
      case "message_start":
        return this.#onMessageStart(body.message);
      case "message_delta":
        this.#stopReason = body.delta?.stop_reason ?? this.#stopReason;
        this.#counted.take(body.usage);
        return NOTHING;
      case "message_stop":
        return { kind: "end", frame: this.#ending() };
      case "error":
        return failed(
          inBandFailure(body) ?? new UpstreamFailure("upstream_failed", { details: "sent an error event" }),
        );
      default:
        return NOTHING; // ping, and whatever comes to be
    }
  }

  #onMessageStart(message: StreamEvent["message"]): Step {
    this.#identify(message?.id, message?.model);
    this.#counted.take(message?.usage);
    return { kind: "meta", frame: this.#chunk({ role: "assistant", content: "", refusal: null }) };
  }

  #onBlockStart(block: Block | undefined): Step {
    const raw = block ?? { type: "" };
    this.#block = { type: raw.type, thinking: "", signature: "", hasInput: false, raw };
    // Usually empty here; what is in it is as good as a delta.
    if (raw.type === "text" && raw.text) return this.#onDelta({ type: "text_delta", text: raw.text });
    if (raw.type === "thinking" && raw.thinking)
      return this.#onDelta({ type: "thinking_delta", thinking: raw.thinking });
    if (raw.type !== "tool_use") return NOTHING;
    const call = { index: this.#tools++, id: raw.id, type: "function", function: { name: raw.name, arguments: "" } };
    return this.#output({ tool_calls: [call] });
  }

  #onDelta(delta: Readonly<Record<string, unknown>>): Step {
    const block = this.#block;
    switch (delta.type) {
      case "text_delta":
        return typeof delta.text === "string" ? this.#output({ content: delta.text }) : NOTHING;
      case "input_json_delta":
        if (typeof delta.partial_json !== "string" || delta.partial_json === "" || block?.type !== "tool_use")
          return NOTHING;
        block.hasInput = true;
        return this.#output({ tool_calls: [{ index: this.#tools - 1, function: { arguments: delta.partial_json } }] });
      case "thinking_delta":
        if (typeof delta.thinking !== "string") return NOTHING;
        if (block) block.thinking += delta.thinking;
        return this.#output({ reasoning_content: delta.thinking });
      case "signature_delta":
        if (block) block.signature += String(delta.signature);
        return NOTHING;
      default:
        return NOTHING;
    }
  }

  #onBlockStop(): Step {
    const block = this.#block;
    this.#block = null;
    if (block?.type === "tool_use" && !block.hasInput) {
      const input = JSON.stringify(block.raw.input ?? {});
      return this.#output({ tool_calls: [{ index: this.#tools - 1, function: { arguments: input } }] });
    }
    if (block?.type === "redacted_thinking") return this.#output({ thinking_blocks: [block.raw] });
    if (block?.type === "thinking" && block.signature !== "") {
      return this.#output({
        thinking_blocks: [{ type: "thinking", thinking: block.thinking, signature: block.signature }],
      });
    }
    return NOTHING;
  }

  #ending(): string {
    const reason = finishReason(this.#stopReason, this.#tools > 0);
    const delta = JSON.stringify(this.#stopReason === "refusal" ? { refusal: REFUSED } : {});
    const finish = `${this.#head}${delta},"finish_reason":"${reason}"${this.#tail}`;
    const { usage } = this;
    const wanted = wantsUsage(this.#call.request) && usage;
    const counted = wanted
      ? `data: ${this.#identity},"choices":[],"usage":${JSON.stringify(openaiUsageObject(usage))}}\n\n`
      : "";
    return `${finish}${counted}data: [DONE]\n\n`;
  }

  #output(delta: object): Step {
    return { kind: "output", frame: this.#chunk(delta) };
  }

  #chunk(delta: object): string {
    return `${this.#head}${JSON.stringify(delta)},"finish_reason":null${this.#tail}`;
  }

  #identify(id: unknown, model: unknown): void {
    const identity = {
      id: typeof id === "string" ? id : this.#call.id,
      object: "chat.completion.chunk",
      created: this.#call.created,
      model: typeof model === "string" && model !== "" ? model : this.#model.apiModelName,
    };
    this.#identity = JSON.stringify(identity).slice(0, -1);
    this.#head = `data: ${this.#identity},"choices":[{"index":0,"delta":`;
  }
}

function failed(failure: UpstreamFailure): Step {
  return { kind: "failure", frame: null, failure };
}

function parse(data: string): StreamEvent | null {
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === "object" && value !== null ? value : null;
  } catch {
    return null;
  }
}
