import type { ChatRequest } from "../schemas/chat.js";
import type { Model } from "../schemas/model.js";
import type { Operation } from "../schemas/operation.js";
import type { Provider } from "../spec/provider.js";
import type { CallNeeds } from "./call-needs.js";
import type { UpstreamCall } from "./upstream-call.js";

/** The fields of a request that routing looks at, whatever the operation. */
export interface RoutedRequest {
  /** The model asked for, such as `auto`. */
  readonly model: string;
  /** Whether the caller wants server-sent events. */
  readonly stream?: boolean | null | undefined;
  readonly sluice?: ChatRequest["sluice"];
  /** OpenRouter's list of fallbacks. */
  readonly models?: unknown;
}

/** A caller's request on its way to some model: what routing has to know of it, and how it is put to an upstream. */
export interface ModelCall {
  readonly operation: Operation;
  readonly request: RoutedRequest;
  /** True where the body names the model itself and cannot be edited, so that no model of another name may get it. */
  readonly fixedModel: boolean;
  /** What it asks of a model besides an answer; left out where nothing is known of it. */
  readonly needs?: CallNeeds | undefined;
  /**
   * The call in the provider's dialect.
   * @throws GatewayError `invalid_request` where the request has no form there
   */
  open(provider: Provider, model: Model): UpstreamCall;
}

/** A chat as the caller sent it: the validated object and the JSON text it came from. */
export interface ChatData {
  readonly request: ChatRequest;
  /** The caller's own bytes as text, from which same-dialect bodies are spliced. */
  readonly text: string;
  /** Seconds since the epoch, for answers whose upstream gives no time. */
  readonly created: number;
  /** Identifier for answers whose upstream gives none. */
  readonly id: string;
}

/** A request of any other operation: it is forwarded, in the one dialect that has it. */
export interface ForwardData {
  readonly operation: Operation;
  readonly request: RoutedRequest & { readonly encoding_format?: unknown };
  /** JSON text, in which the model's name is replaced, or the bytes of a form, which go on as they are. */
  readonly body: string | Uint8Array;
  /** The media type of a form. */
  readonly contentType?: string | undefined;
}
