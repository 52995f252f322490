import type { Model } from "../schemas/model.js";
import type { Operation } from "../schemas/operation.js";
import type { Provider } from "../spec/provider.js";
import type { ForwardData, ModelCall, RoutedRequest } from "./model-call.js";
import { OpenaiForward } from "./openai/openai-forward.js";
import type { UpstreamCall } from "./upstream-call.js";

/** A call of any operation but chat, on its way to an upstream that has it. */
export class ForwardCall implements ModelCall {
  readonly operation: Operation;
  readonly request: RoutedRequest;
  readonly fixedModel: boolean;
  readonly #data: ForwardData;

  constructor(data: ForwardData) {
    this.operation = data.operation;
    this.request = data.request;
    this.fixedModel = typeof data.body !== "string";
    this.#data = data;
  }

  open(provider: Provider, model: Model): UpstreamCall {
    return new OpenaiForward(this.#data, model, provider);
  }
}
