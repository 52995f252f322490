import type { ChatRequest } from "../schemas/chat.js";
import type { Model } from "../schemas/model.js";
import type { Usage } from "../spec/usage.js";
import type { SseEvent } from "./sse-event.js";
import type { UpstreamFailure } from "./upstream-failure.js";

/** A chat as the caller sent it: the validated object and the JSON text it came from. */
export interface ChatCall {
  readonly request: ChatRequest;
  /** The caller's own bytes as text, from which same-dialect bodies are spliced. */
  readonly text: string;
  /** Seconds since the epoch, for answers whose upstream gives no time. */
  readonly created: number;
  /** Identifier for answers whose upstream gives none. */
  readonly id: string;
}

/** A body in the upstream's dialect, with the headers it needs. */
export interface UpstreamBody {
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Request fields the upstream has no form for; they are reported, never dropped in silence. */
  readonly dropped?: readonly string[] | undefined;
}

/** A whole answer in the caller's dialect. */
export interface Answer {
  /** The upstream's own bytes where nothing had to change. */
  readonly body: Buffer | string;
  /** What the upstream reported; may be read from the answer only now, so ask once. */
  readonly usage: Usage | null;
}

/** Marks a frame that goes on exactly as it came. */
export const SAME = Symbol("same");

/**
 * What one upstream event means, and what of it the caller gets: the same bytes, other text, or nothing (null).
 * `meta` comes before or between outputs and commits nothing; `output` is text, reasoning or a tool call;
 * `end` is the terminal event; `failure` is an error inside the stream.
 */
export interface Step {
  readonly kind: "meta" | "output" | "end" | "failure";
  readonly frame: typeof SAME | string | null;
  readonly failure?: UpstreamFailure;
}

/** Reads one upstream stream, event by event. */
export interface StreamReader {
  /** The usage seen so far; null until the upstream reported one. */
  readonly usage: Usage | null;
  read(event: SseEvent): Step;
}

/** What the provider wants of a request body. */
export interface RequestOptions {
  /** Whether a stream is asked for its usage though the caller did not. */
  readonly includeUsage: boolean;
  /** Request fields only this provider understands; they are kept for it. */
  readonly ownFields: readonly string[];
}

/** Between the caller's dialect and an upstream's. */
export interface Translation {
  /** @throws GatewayError `invalid_request` where the request has no form in the upstream's dialect. */
  request(call: ChatCall, model: Model, options: RequestOptions): UpstreamBody;
  /** @throws UpstreamFailure when the bytes are no answer. */
  answer(bytes: Buffer, call: ChatCall, model: Model): Answer;
  stream(call: ChatCall, model: Model): StreamReader;
  /** Reads an upstream error answer. */
  failure(status: number, bytes: Buffer): UpstreamFailure;
}
