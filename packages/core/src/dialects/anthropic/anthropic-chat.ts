import type { Model } from "../../schemas/model.js";
import type { Provider } from "../../spec/provider.js";
import { isEventStream } from "../event-stream.js";
import type { ChatData } from "../model-call.js";
import type { Answer, StreamReader, UpstreamCall } from "../upstream-call.js";
import type { UpstreamFailure } from "../upstream-failure.js";
import { anthropicAnswer } from "./answer.js";
import { anthropicFailure } from "./failure.js";
import { anthropicRequest } from "./request.js";
import { AnthropicStreamReader } from "./stream.js";

/** The caller speaks OpenAI's chat API, the upstream Anthropic's Messages API. */
export class AnthropicChat implements UpstreamCall {
  readonly body: string;
  readonly dropped: readonly string[];
  readonly #chat: ChatData;
  readonly #model: Model;

  /** @throws GatewayError `invalid_request` */
  constructor(chat: ChatData, model: Model, { dialectVersion }: Provider) {
    const version = dialectVersion === "2026-10-21" ? "2026-10-21" : "2023-06-01";
    const { body, dropped } = anthropicRequest(chat, model, version);
    this.body = body;
    this.dropped = dropped;
    this.#chat = chat;
    this.#model = model;
  }

  answer(bytes: Buffer): Answer {
    return anthropicAnswer(bytes, this.#chat, this.#model);
  }

  stream(contentType: string | undefined): StreamReader | null {
    if (!this.#chat.request.stream || !isEventStream(contentType)) return null;
    return new AnthropicStreamReader(this.#chat, this.#model);
  }

  failure(status: number, bytes: Buffer): UpstreamFailure {
    return anthropicFailure(status, bytes);
  }
}
