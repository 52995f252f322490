import type { Operation } from "../schemas/operation.js";

/** The wire language an upstream speaks. */
export type Dialect = "openai" | "anthropic";

/** Response headers as a provider hands them on: lower-case names; a repeated header is a list. */
export type UpstreamHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** One upstream call, ready to be sent: the body is already in the provider's dialect. */
export interface ProviderCall {
  readonly operation: Operation;
  /** The provider's own name of the model. */
  readonly model: string;
  /** Whether the caller asked for server-sent events. */
  readonly stream: boolean;
  /** The JSON text to send, or the bytes of a form, whose type is among the headers. */
  readonly body: string | Uint8Array;
  /** Headers this call needs on top of the provider's own, lower-case names. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** The running exchange, handed to the receiver once the request is on the wire. */
export interface Exchange {
  /** Stops the upstream at once; its connection is never reused half-read. */
  abort(reason: Error): void;
  /** Stops reading from the upstream until {@link Exchange.resume}. */
  pause(): void;
  resume(): void;
}

/**
 * Takes what the upstream sends, in this order: `onStart` once, `onHeaders` once, `onData` any number of times,
 * then exactly one of `onEnd` and `onError`. `onError` may come at any point, also before `onStart`.
 * A receiver that no longer wants the answer calls `exchange.abort` in `onStart`, however late that comes.
 */
export interface Receiver {
  onStart(exchange: Exchange): void;
  onHeaders(status: number, headers: UpstreamHeaders): void;
  onData(chunk: Buffer): void;
  onEnd(): void;
  onError(cause: unknown): void;
}

/** A model a provider reports about itself. */
export interface DiscoveredModel {
  /** The provider's own name of the model. */
  readonly apiModelName: string;
  readonly contextWindow?: number | undefined;
}

/** An upstream: a name, a dialect and a way to send. One provider is one file. */
export interface Provider {
  /** The name models refer to, such as `openai`. */
  readonly name: string;
  readonly dialect: Dialect;
  /** What it can be asked for. Default: chat alone. */
  readonly operations?: readonly Operation[] | undefined;
  /** Version of the dialect, where it has several: the `anthropic-version`. */
  readonly dialectVersion?: string | undefined;
  /** True for a provider that is not a language model; it answers `auto` only while no real one is configured. */
  readonly simulated?: boolean;
  /** Upstream calls allowed at once; up to 128 more wait in order, others go elsewhere or are refused. Default: no limit. */
  readonly concurrency?: number | undefined;
  /** Timers that replace `routing.timeouts` for this provider. */
  readonly timeouts?: TimeoutOverrides | undefined;
  /** Whether streams may be asked for usage (`stream_options.include_usage`). Default true. */
  readonly includeUsage?: boolean | undefined;
  /** Whether the `cost` in its usage is what it charges, in US dollars. Default false. */
  readonly reportsCost?: boolean | undefined;
  /** Request fields only this provider understands; for others they are taken out of the body. */
  readonly ownFields?: readonly string[] | undefined;
  /** Starts one upstream call. Never throws: every failure goes to `receiver.onError`. */
  send(call: ProviderCall, receiver: Receiver): void;
  /** Whether another key is left after the last one was refused, so that the same provider is worth another call. */
  hasSpareKey?(): boolean;
  /** Takes its keys, and whatever else is secret, out of a text: of an error, say, in which it quotes what it was sent. */
  readonly conceal?: ((text: string) => string) | undefined;
  /** Lists the models found at the provider; only for providers whose models are not in the catalogue. */
  listModels?(signal: AbortSignal): Promise<readonly DiscoveredModel[]>;
  /** Closes every connection. */
  close?(): Promise<void>;
}

/** The five timers of an upstream call, in milliseconds. */
export interface Timeouts {
  /** Until the request is on a connection. */
  readonly connectMs: number;
  /** From there to the response headers. */
  readonly headersMs: number;
  /** From the headers to the first output of a stream. */
  readonly firstOutputMs: number;
  /** Between two reads of the answer. */
  readonly idleMs: number;
  /** For the whole call of the client, over all attempts. */
  readonly totalMs: number;
}

/** Some of the five timers. */
export type TimeoutOverrides = { readonly [Timer in keyof Timeouts]?: number | undefined };
