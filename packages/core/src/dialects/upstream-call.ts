import type { Usage } from "../spec/usage.js";
import type { SseEvent } from "./sse-event.js";
import type { UpstreamFailure } from "./upstream-failure.js";

/** A whole answer in the caller's dialect. */
export interface Answer {
  /** The upstream's own bytes where nothing had to change. */
  readonly body: Buffer | string;
  /** What the upstream reported; may be read from the answer only now, so ask once. */
  readonly usage: Usage | null;
  /** @defaultValue `application/json; charset=utf-8` */
  readonly contentType?: string | undefined;
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
  /** Media type of a stream that is no server-sent events: each read of the network is one event then. */
  readonly bytesOf?: string | undefined;
  /** Whether the body may end here: true once everything has come, where no event says so. */
  readonly complete?: boolean | undefined;
  read(event: SseEvent): Step;
}

/** One call as one upstream understands it: what to send, and how to read what comes back. */
export interface UpstreamCall {
  readonly body: string | Uint8Array;
  /** Headers it needs besides the provider's own, lower-case names. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Request fields the upstream has no form for; they are reported, never dropped in silence. */
  readonly dropped?: readonly string[] | undefined;
  /** @throws UpstreamFailure when the bytes are no answer. */
  answer(bytes: Buffer, contentType: string | undefined): Answer;
  /** Reads an answer that goes on piece by piece; null for one that is read whole first. */
  stream(contentType: string | undefined): StreamReader | null;
  /** Reads an upstream error answer. */
  failure(status: number, bytes: Buffer): UpstreamFailure;
}
