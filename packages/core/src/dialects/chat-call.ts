import type { ChatRequest } from "../schemas/chat.js";
import type { Model } from "../schemas/model.js";
import type { Provider } from "../spec/provider.js";
import { AnthropicChat } from "./anthropic/anthropic-chat.js";
import type { ChatData, ModelCall } from "./model-call.js";
import { OpenaiChat } from "./openai/openai-chat.js";
import type { UpstreamCall } from "./upstream-call.js";

/** A chat in OpenAI's dialect, for an upstream of either. */
export class ChatCall implements ModelCall {
  readonly operation = "chat";
  readonly fixedModel = false;
  readonly request: ChatRequest;
  readonly #data: ChatData;

  constructor(data: ChatData) {
    this.request = data.request;
    this.#data = data;
  }

  open(provider: Provider, model: Model): UpstreamCall {
    const Upstream = provider.dialect === "anthropic" ? AnthropicChat : OpenaiChat;
    return new Upstream(this.#data, model, provider);
  }
}
