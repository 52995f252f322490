import type { UpstreamHeaders } from "../spec/provider.js";
import { ChunkedBody } from "./chunked-body.js";
import { Http1Error } from "./http1-error.js";
import { type ResponseHead, readHead } from "./response-head.js";

/** Told of a response while it is read. */
export interface ResponseSink {
  /** The head of the response; interim ones (1xx) are passed over. */
  onHeaders(status: number, headers: UpstreamHeaders): void;
  /** A piece of the body, which is the sink's to keep. */
  onData(chunk: Buffer): void;
}

/** The largest head of a response, in bytes. */
export const MAX_HEAD_BYTES = 16 * 1024;

const HEAD_END = Buffer.from("\r\n\r\n");

/** Where a response ends (RFC 9112 6.3): after so many bytes, where its chunks say, or with the connection. */
type Framing = "length" | "chunked" | "close";

/**
 * Reads one response off a connection (RFC 9112) in whatever pieces it comes. Strict: what two readers could understand
 * in two ways is refused.
 */
export class ResponseParser {
  readonly #sink: ResponseSink;
  /** Of a head that has not come whole. */
  #kept: Buffer | null = null;
  #framing: Framing | null = null;
  #left = 0;
  #chunked: ChunkedBody | null = null;
  /** True once the whole response was read. */
  done = false;
  /** Whether another request may go over the connection, and after how many idle milliseconds no more. */
  reusableMs = 0;

  constructor(sink: ResponseSink) {
    this.#sink = sink;
  }

  /**
   * Takes bytes, which may be written over as soon as this returns.
   * @throws Http1Error
   */
  push(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length && !this.done) {
      if (this.#framing === null) at = this.#readHead(bytes, at);
      else if (this.#chunked) at = this.#readChunks(this.#chunked, bytes, at);
      else at = this.#readBody(bytes, at);
    }
    if (at < bytes.length) this.reusableMs = 0; // nobody asked for what follows
  }

  /**
   * The other side has closed.
   * @throws Http1Error where that cuts the response short
   */
  end(): void {
    if (this.#framing !== "close") throw new Http1Error("UPSTREAM_CLOSED", "closed the connection");
    this.done = true;
  }

  #readHead(bytes: Buffer, from: number): number {
    const kept = this.#kept;
    const text = kept ? Buffer.concat([kept, bytes.subarray(from)]) : from === 0 ? bytes : bytes.subarray(from);
    // The end may lie across two pieces.
    const found = text.indexOf(HEAD_END, kept ? Math.max(0, kept.length - HEAD_END.length + 1) : 0);
    if ((found < 0 ? text.length : found) > MAX_HEAD_BYTES) {
      throw new Http1Error("HEAD_TOO_LARGE", `sent more than ${MAX_HEAD_BYTES} bytes of headers`);
    }
    if (found < 0) {
      this.#kept = kept ? text : Buffer.from(text);
      return bytes.length;
    }
    this.#kept = null;
    const head = readHead(text.toString("latin1", 0, found));
    if (head.status >= 200) this.#begin(head);
    else if (head.status === 101) throw new Http1Error("UPGRADED", "switched protocols without being asked to");
    return from + found + HEAD_END.length - (kept?.length ?? 0);
  }

  #begin(head: ResponseHead): void {
    const { status, headers, isChunked, length, idleMs } = head;
    this.reusableMs = idleMs;
    if (status === 204 || status === 304) this.#frame("length", 0);
    else if (isChunked) this.#frame("chunked", 0);
    else if (length !== null) this.#frame("length", length);
    else this.#frame("close", 0);
    this.#sink.onHeaders(status, headers);
  }

  #frame(framing: Framing, length: number): void {
    this.#framing = framing;
    this.#left = length;
    if (framing === "chunked") this.#chunked = new ChunkedBody();
    if (framing === "close") this.reusableMs = 0;
    if (framing === "length" && length === 0) this.done = true;
  }

  #readBody(bytes: Buffer, from: number): number {
    if (this.#framing === "close") {
      this.#emit(bytes, from, bytes.length);
      return bytes.length;
    }
    const to = Math.min(bytes.length, from + this.#left);
    this.#left -= to - from;
    this.done = this.#left === 0;
    this.#emit(bytes, from, to);
    return to;
  }

  #readChunks(chunked: ChunkedBody, bytes: Buffer, from: number): number {
    const next = chunked.push(bytes, from, (start, end) => this.#emit(bytes, start, end));
    this.done = chunked.done;
    return next;
  }

  #emit(bytes: Buffer, from: number, to: number): void {
    const chunk = Buffer.allocUnsafe(to - from);
    bytes.copy(chunk, 0, from, to);
    this.#sink.onData(chunk);
  }
}
