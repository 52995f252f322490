import type { ChatRequest } from "../schemas/chat.js";
import type { Model } from "../schemas/model.js";
import type { Provider } from "../spec/provider.js";
import { AnthropicChat } from "./anthropic/anthropic-chat.js";
import { type CallNeeds, chatNeeds } from "./call-needs.js";
import type { ChatData, ModelCall } from "./model-call.js";
import { OpenaiChat } from "./openai/openai-chat.js";
import { reworded } from "./openai/rewording.js";
import { wholeChat } from "./openai/whole-chat.js";
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

  get needs(): CallNeeds {
    return chatNeeds(this.request, this.#data.text.length);
  }

  /** The same chat in other words, for a second opinion of the same model. */
  reworded(): ChatCall {
    return new ChatCall(reworded(this.#data));
  }

  /** The same chat, answered in one piece. */
  whole(): ChatCall {
    return this.request.stream ? new ChatCall(wholeChat(this.#data)) : this;
  }

  open(provider: Provider, model: Model): UpstreamCall {
    const Upstream = provider.dialect === "anthropic" ? AnthropicChat : OpenaiChat;
    return new Upstream(this.#data, model, provider);
  }
}
