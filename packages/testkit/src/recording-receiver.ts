import type { Exchange, Receiver, UpstreamHeaders } from "@sluice/core";
import { deferred } from "./upstream/deferred.js";

/** A {@link Receiver} that writes down what it is told and lets a test await it. */
export interface RecordingReceiver extends Receiver {
  /** The callbacks in order; repeated data stands once. */
  readonly log: readonly ("start" | "headers" | "data" | "end" | "error")[];
  readonly status: number;
  readonly headers: UpstreamHeaders;
  readonly chunks: readonly Buffer[];
  readonly receivedBytes: number;
  readonly text: string;
  /** What `onError` was given. */
  readonly cause: unknown;
  /** Calls of `onEnd` and `onError` together; one, where all is well. */
  readonly endings: number;
  /** Resolves with the exchange. */
  readonly started: Promise<Exchange>;
  /** Resolves with the status. */
  readonly answered: Promise<number>;
  /** Resolves at the first data. */
  readonly flowing: Promise<void>;
  /** Resolves with how it ended. */
  readonly ended: Promise<"end" | "error">;
}

/** What a test does in the middle of a callback. */
export interface ReceiverHooks {
  readonly onStart?: (exchange: Exchange) => void;
  readonly onHeaders?: (exchange: Exchange) => void;
  readonly onData?: (exchange: Exchange, chunk: Buffer) => void;
}

/**
 * Makes a {@link RecordingReceiver}.
 * @example
 * const receiver = recordingReceiver();
 * provider.send(call, receiver);
 * expect(await receiver.ended).toBe("end");
 */
export function recordingReceiver(hooks: ReceiverHooks = {}): RecordingReceiver {
  return new Recorder(hooks);
}

class Recorder implements RecordingReceiver {
  readonly log: ("start" | "headers" | "data" | "end" | "error")[] = [];
  status = 0;
  headers: UpstreamHeaders = {};
  readonly chunks: Buffer[] = [];
  receivedBytes = 0;
  cause: unknown;
  endings = 0;
  readonly #hooks: ReceiverHooks;
  readonly #started = deferred<Exchange>();
  readonly #answered = deferred<number>();
  readonly #flowing = deferred();
  readonly #ended = deferred<"end" | "error">();
  #exchange: Exchange | undefined;

  constructor(hooks: ReceiverHooks) {
    this.#hooks = hooks;
  }

  get started(): Promise<Exchange> {
    return this.#started.promise;
  }

  get answered(): Promise<number> {
    return this.#answered.promise;
  }

  get flowing(): Promise<void> {
    return this.#flowing.promise;
  }

  get ended(): Promise<"end" | "error"> {
    return this.#ended.promise;
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString("utf8");
  }

  onStart(exchange: Exchange): void {
    this.log.push("start");
    this.#exchange = exchange;
    this.#started.resolve(exchange);
    this.#hooks.onStart?.(exchange);
  }

  onHeaders(status: number, headers: UpstreamHeaders): void {
    this.log.push("headers");
    this.status = status;
    this.headers = headers;
    this.#answered.resolve(status);
    if (this.#exchange) this.#hooks.onHeaders?.(this.#exchange);
  }

  onData(chunk: Buffer): void {
    if (this.log.at(-1) !== "data") this.log.push("data");
    // A copy: the provider may use its memory again.
    this.chunks.push(Buffer.from(chunk));
    this.receivedBytes += chunk.length;
    this.#flowing.resolve();
    if (this.#exchange) this.#hooks.onData?.(this.#exchange, chunk);
  }

  onEnd(): void {
    this.log.push("end");
    this.endings++;
    this.#ended.resolve("end");
  }

  onError(cause: unknown): void {
    this.log.push("error");
    this.endings++;
    this.cause = cause;
    this.#ended.resolve("error");
  }
}
