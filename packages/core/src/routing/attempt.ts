import type { Clock } from "../clock.js";
import { SseEvent } from "../dialects/sse-event.js";
import { SseSplitter } from "../dialects/sse-splitter.js";
import { type Answer, SAME, type StreamReader, type UpstreamCall } from "../dialects/upstream-call.js";
import { concealed, UpstreamFailure, withRetryAfter } from "../dialects/upstream-failure.js";
import type { Operation } from "../schemas/operation.js";
import type { Exchange, ProviderCall, Receiver, Timeouts, UpstreamHeaders } from "../spec/provider.js";
import type { Usage } from "../spec/usage.js";
import type { LedgerEntry } from "../usage/ledger-entry.js";
import type { ClientStream } from "./client-stream.js";
import { retryAfterMs } from "./retry-after.js";
import type { Target } from "./target.js";
import type { TimerWheel, Watched } from "./timers.js";

/** The states of one upstream call, in order; any of them may go to `ended`. */
export type AttemptState = "planned" | "connecting" | "sent" | "reading" | "committed" | "closing" | "ended";

/** What an attempt works with. */
export interface AttemptInput {
  readonly target: Target;
  readonly operation: Operation;
  /** Whether the caller wants server-sent events. */
  readonly streaming: boolean;
  readonly upstream: UpstreamCall;
  readonly timeouts: Timeouts;
  /** When the whole call must be over, on the wheel's clock. */
  readonly deadline: number;
  readonly wheel: TimerWheel;
  readonly clock: Clock;
  /** What is told of every transition, and becomes the call's row in the ledger. */
  readonly entry: LedgerEntry;
  /** Called once when the upstream is done with. */
  readonly release?: (() => void) | undefined;
}

const MAX_ANSWER_BYTES = 32 * 1024 * 1024;
const MAX_ERROR_BYTES = 64 * 1024;
/** What may come before the first output of a stream. */
const MAX_PRELUDE_BYTES = 256 * 1024;
/** How long an upstream may take to close its response after the terminal event, so that its connection can be used again. */
const CLOSING_MS = 1_000;

/**
 * One upstream call as a state machine. Until it commits, nothing of it has reached the client and it may fail without
 * trace. A whole answer commits when it has been read and understood, a stream with its first output.
 */
export class Attempt implements Receiver, Watched {
  readonly target: Target;
  readonly entry: LedgerEntry;
  state: AttemptState = "planned";
  seat = -1;
  /** Resolves when the attempt commits: with the answer, or with null for a stream, which is then piped. */
  readonly committed: Promise<Answer | null>;

  readonly #input: AttemptInput;
  #resolve: (answer: Answer | null) => void = () => {};
  #reject: (failure: unknown) => void = () => {};
  #exchange: Exchange | null = null;
  #status = 0;
  #headers: UpstreamHeaders = {};
  #chunks: Buffer[] = [];
  #received = 0;
  #usage: Usage | null = null;
  #reader: StreamReader | null = null;
  #splitter: Splitter | null = null;
  #frames: (Buffer | string)[] = [];
  #stream: ClientStream | null = null;
  #finished: (failure: UpstreamFailure | null) => void = () => {};
  /** True while the end of a stream is on its way into the ledger. */
  #booking = false;
  /** How a committed stream ended, until that was told. */
  #outcome: { readonly failure: UpstreamFailure | null } | null = null;

  #paused = false;
  #timer: keyof Timeouts = "connectMs";
  #phaseDueAt = Number.POSITIVE_INFINITY;
  #totalDueAt = Number.POSITIVE_INFINITY;

  constructor(input: AttemptInput) {
    this.#input = input;
    this.target = input.target;
    this.entry = input.entry;
    this.committed = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** The media type of a stream that is no server-sent events. */
  get bytesOf(): string | undefined {
    return this.#reader?.bytesOf;
  }

  /** What the upstream has reported so far. */
  get usage(): Usage | null {
    return this.#usage ?? this.#reader?.usage ?? null;
  }

  get dueAt(): number {
    return Math.min(this.#phaseDueAt, this.#totalDueAt);
  }

  start(): void {
    const { target, operation, streaming, upstream, wheel, timeouts, deadline } = this.#input;
    this.state = "connecting";
    wheel.watch(this);
    this.#totalDueAt = Math.min(deadline, wheel.now + timeouts.totalMs);
    this.#arm("connectMs");
    const { trace } = this.entry;
    const call = {
      operation,
      model: target.model.apiModelName,
      stream: streaming,
      body: upstream.body,
      headers: trace ? trace.headers(upstream.headers) : upstream.headers,
    };
    try {
      if (trace) trace.within(() => this.#send(call));
      else this.#send(call);
    } catch (cause) {
      this.onError(cause); // an application's own provider may throw instead of saying so
    }
  }

  /** An application's own provider may be async, and then rejects instead of saying so. */
  #send(call: ProviderCall): void {
    const sent: unknown = this.target.provider.send(call, this);
    if (sent instanceof Promise) sent.catch((cause: unknown) => this.onError(cause));
  }

  /** Stops the upstream; `committed` rejects with `reason` where it had not settled. */
  abort(reason: Error): void {
    if (this.state === "ended" || this.state === "closing") return;
    this.#end();
    this.entry.aborted(this.usage);
    this.#abortExchange(reason);
    this.#reject(reason);
  }

  /** Sends a committed stream on. `finished` is called once, after the last frame was handed over; a failure is the caller's to show. */
  pipeTo(stream: ClientStream, finished: (failure: UpstreamFailure | null) => void): void {
    this.#stream = stream;
    this.#finished = finished;
    stream.onDrain = () => this.#resume();
    this.#flush();
  }

  expire(): void {
    if (this.state === "closing") return this.#drop();
    const timer = this.#totalDueAt <= this.#phaseDueAt ? "totalMs" : this.#timer;
    const details = `did not answer in time: ${timer} (${this.#input.timeouts[timer]} ms) passed`;
    this.#fail(new UpstreamFailure("timeout", { details, timer }));
  }

  // --- Receiver ---

  onStart(exchange: Exchange): void {
    this.#exchange = exchange;
    if (this.state === "ended") return this.#abortExchange(new Error("no longer wanted"));
    this.state = "sent";
    this.entry.sent();
    this.#arm("headersMs");
  }

  onHeaders(status: number, headers: UpstreamHeaders): void {
    if (this.state === "ended") return;
    this.state = "reading";
    this.#status = status;
    this.#headers = headers;
    const encoding = headers["content-encoding"];
    if (encoding !== undefined && encoding !== "identity") {
      return this.#fail(
        new UpstreamFailure("upstream_failed", { details: `answered with content-encoding ${encoding}` }),
      );
    }
    this.#reader = status === 200 ? this.#input.upstream.stream(contentTypeOf(headers)) : null;
    if (!this.#reader) return this.#arm("idleMs");
    this.#splitter = this.#reader.bytesOf === undefined ? new SseSplitter() : eachRead;
    this.#arm("firstOutputMs");
  }

  onData(chunk: Buffer): void {
    if (this.state === "ended") return;
    if (this.state === "closing") return this.#drop();
    if (this.#splitter) return this.#readEvents(this.#splitter, chunk);
    this.#arm("idleMs");
    this.#received += chunk.length;
    this.#chunks.push(chunk);
    if (this.#status !== 200 && this.#received > MAX_ERROR_BYTES) return this.#readWhole();
    if (this.#received > MAX_ANSWER_BYTES) {
      this.#fail(
        new UpstreamFailure("upstream_failed", { details: `answered with more than ${MAX_ANSWER_BYTES} bytes` }),
      );
    }
  }

  onEnd(): void {
    if (this.state === "ended") return;
    if (this.state === "closing") return this.#end();
    if (!this.#reader) return this.#readWhole();
    if (this.#reader.complete && this.state === "committed") return this.#complete();
    if (this.#endsWithRest()) return this.#end();
    this.#fail(new UpstreamFailure("upstream_failed", { details: "ended the stream before its terminal event" }));
  }

  onError(cause: unknown): void {
    if (this.state === "ended") return;
    if (this.state === "closing") return this.#end();
    this.#fail(transportFailure(cause, this.state));
  }

  // --- reading ---

  #readEvents(splitter: Splitter, chunk: Buffer): void {
    if (this.state === "committed" && !this.#paused) this.#arm("idleMs");
    try {
      splitter.push(chunk, (event) => this.#onEvent(event));
    } catch (failure) {
      return this.#fail(asFailure(failure));
    }
    if (this.state === "committed" || this.state === "closing") this.#flush();
  }

  #onEvent(event: SseEvent): void {
    if (this.state === "ended" || this.state === "closing" || !this.#reader) return;
    const step = this.#reader.read(event);
    if (step.failure) return this.#fail(step.failure);
    if (step.frame !== null) this.#keep(step.frame === SAME ? event.raw : step.frame);
    if (this.state === "reading" && step.kind !== "meta") this.#commit();
    if (step.kind === "output") this.entry.outputs++;
    if (step.kind === "end") this.#close();
  }

  /** Whether what is left of the stream is its terminal event, less the blank line: nothing of the answer is missing then. */
  #endsWithRest(): boolean {
    const rest = this.#splitter?.rest();
    const step = rest && this.#reader?.read(rest);
    if (!rest || step?.kind !== "end") return false;
    if (step.frame !== null) this.#keep(step.frame === SAME ? rest.raw : step.frame);
    if (this.state === "reading") this.#commit();
    this.#close();
    return true;
  }

  #keep(frame: Buffer | string): void {
    this.#frames.push(frame);
    if (this.state !== "reading") return;
    this.#received += frame.length;
    if (this.#received > MAX_PRELUDE_BYTES) {
      this.#fail(new UpstreamFailure("upstream_failed", { details: `sent ${MAX_PRELUDE_BYTES} bytes without output` }));
    }
  }

  #commit(): void {
    this.state = "committed";
    this.entry.committed();
    this.#arm("idleMs");
    this.#resolve(null);
  }

  /** The terminal event has come: the client is done; the upstream gets a moment to close in good order. */
  #close(): void {
    this.state = "closing";
    this.#phaseDueAt = this.#input.wheel.now + CLOSING_MS;
    if (this.#paused) this.#exchange?.resume(); // what is left is no more for the client
    this.#finish();
  }

  /** The connection has ended where the answer does. */
  #complete(): void {
    this.#end();
    this.#finish();
  }

  /** The last frames wait until the call is in the ledger: what the caller has got whole is booked. */
  #finish(): void {
    this.#booking = true;
    this.entry.finished(this.usage, () => {
      this.#booking = false;
      this.#outcome = { failure: null };
      this.#flush();
    });
  }

  #readWhole(): void {
    const { upstream, streaming, clock } = this.#input;
    const bytes = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks);
    if (this.#status >= 300 && this.#status < 400) {
      return this.#fail(
        new UpstreamFailure("upstream_failed", {
          status: this.#status,
          details: "answered with a redirect, which is never followed",
        }),
      );
    }
    if (this.#status !== 200) {
      const failure = upstream.failure(this.#status, bytes);
      return this.#fail(withRetryAfter(failure, retryAfterMs(this.#headers, clock)));
    }
    try {
      const answer = upstream.answer(bytes, contentTypeOf(this.#headers));
      if (streaming)
        throw new UpstreamFailure("upstream_failed", { details: "answered a stream request without a stream" });
      this.#usage = answer.usage;
      this.#end();
      this.entry.finished(this.#usage, () => this.#resolve(answer));
    } catch (failure) {
      this.#fail(asFailure(failure));
    }
  }

  // --- writing ---

  /** One write per network read. */
  #flush(): void {
    const stream = this.#stream;
    if (!stream || this.#booking) return;
    const frames = this.#frames;
    if (frames.length > 0) {
      const roomLeft = stream.write(frames.length === 1 ? (frames[0] as Buffer | string) : joined(frames));
      this.#frames = [];
      stream.lastWriteAt = this.#input.wheel.now;
      if (!roomLeft && this.state === "committed") this.#pause();
    }
    const outcome = this.#outcome;
    this.#outcome = null;
    if (outcome) this.#finished(outcome.failure);
  }

  #pause(): void {
    this.#paused = true;
    this.#phaseDueAt = Number.POSITIVE_INFINITY; // a slow client is not a silent upstream
    this.#exchange?.pause();
  }

  #resume(): void {
    if (this.state !== "committed") return;
    this.#paused = false;
    this.#arm("idleMs");
    this.#exchange?.resume();
  }

  // --- ending ---

  #fail(reason: UpstreamFailure): void {
    if (this.state === "ended") return;
    const failure = concealed(reason, this.#input.target.provider.conceal);
    const committed = this.state === "committed";
    this.#end();
    this.entry.failed(failure.code, this.usage, this.#status || undefined);
    this.#abortExchange(failure);
    if (!committed) return this.#reject(failure);
    this.#outcome = { failure };
    this.#flush();
  }

  /** Stops an upstream that goes on after its terminal event. */
  #drop(): void {
    this.#end();
    this.#abortExchange(new Error("went on after the terminal event"));
  }

  /** What an application's own provider throws here must not reach a timer, where it would end the process. */
  #abortExchange(reason: Error): void {
    try {
      this.#exchange?.abort(reason);
    } catch {
      // the call is over either way
    }
  }

  #end(): void {
    this.state = "ended";
    this.#input.wheel.unwatch(this);
    this.#input.release?.();
  }

  #arm(timer: keyof Timeouts): void {
    this.#timer = timer;
    this.#phaseDueAt = this.#input.wheel.now + this.#input.timeouts[timer];
  }
}

/** Cuts what an upstream sends into events. */
type Splitter = Pick<SseSplitter, "push" | "rest">;

/** For bodies that are no events: each read is one. */
const eachRead: Splitter = { push: (chunk, onEvent) => onEvent(new SseEvent(chunk)), rest: () => null };

function contentTypeOf(headers: UpstreamHeaders): string | undefined {
  const value = headers["content-type"];
  return value === undefined ? undefined : String(value);
}

function joined(frames: readonly (Buffer | string)[]): Buffer | string {
  if (frames.every((frame) => typeof frame === "string")) return frames.join("");
  return Buffer.concat(frames.map((frame) => (typeof frame === "string" ? Buffer.from(frame) : frame)));
}

function asFailure(error: unknown): UpstreamFailure {
  return error instanceof UpstreamFailure
    ? error
    : new UpstreamFailure("upstream_failed", { details: "sent something the gateway cannot read", cause: error });
}

/** The transport's own words name addresses and internals, so only its code goes on. */
function transportFailure(cause: unknown, state: AttemptState): UpstreamFailure {
  const code = typeof cause === "object" && cause !== null && "code" in cause ? ` (${String(cause.code)})` : "";
  const what = state === "planned" || state === "connecting" ? "could not be reached" : "closed the connection";
  return new UpstreamFailure("upstream_failed", { details: `${what}${code}`, cause });
}
