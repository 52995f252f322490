import type { ChatCall } from "../dialects/translation.js";
import type { UpstreamFailure } from "../dialects/upstream-failure.js";
import { openaiErrorFrame } from "../error-shapes.js";
import { GatewayError, isGatewayError } from "../errors.js";
import type { GatewayResponse, LeaveSignal } from "../spec/http.js";
import { ChatRun, type Served } from "./chat-run.js";
import { ClientStream } from "./client-stream.js";
import { Pulse } from "./pulse.js";
import { jsonHeaders, receiptOf, streamHeaders, withReceipt } from "./receipt.js";
import type { RoutingDeps } from "./routing-deps.js";
import { type Seated, Seats } from "./seats.js";
import type { Target } from "./target.js";

/** What the chats need besides routing. */
export interface ChatsDeps extends RoutingDeps {
  readonly plan: (call: ChatCall) => readonly Target[];
  /** Milliseconds of silence before a stream gets a comment; null for never. */
  readonly keepAliveAfterMs: number | null;
}

/** Who waits for a chat. */
export interface ChatContext {
  readonly requestId: string;
  /** Aborts when the caller leaves. */
  readonly signal: LeaveSignal;
}

/** Every chat that runs, from the plan to the last byte. */
export class Chats {
  readonly #deps: ChatsDeps;
  readonly #active = new Seats<ActiveChat>();
  #idle: (() => void)[] = [];

  constructor(deps: ChatsDeps) {
    this.#deps = deps;
  }

  /** Answers one chat; a streamed body may go on after this resolves. @throws GatewayError */
  respond(call: ChatCall, context: ChatContext): Promise<GatewayResponse> {
    const chat = new ActiveChat(call, context, this.#deps, (ended) => this.#forget(ended));
    this.#active.add(chat);
    return chat.respond();
  }

  /** Resolves once no chat runs. */
  idle(): Promise<void> {
    return this.#active.size === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }

  /** Ends every chat that still runs; streams get an error frame. */
  stopAll(): void {
    const error = new GatewayError("draining", { retryAfterMs: 1_000 });
    for (const chat of this.#active.snapshot()) chat.stop(error);
  }

  #forget(chat: ActiveChat): void {
    this.#active.delete(chat);
    if (this.#active.size > 0 || this.#idle.length === 0) return;
    const waiting = this.#idle;
    this.#idle = [];
    for (const resolve of waiting) resolve();
  }
}

/** One chat from its plan to its last byte. */
class ActiveChat implements Seated {
  seat = -1;
  readonly #call: ChatCall;
  readonly #context: ChatContext;
  readonly #deps: ChatsDeps;
  readonly #ended: (chat: ActiveChat) => void;
  readonly #startedAt: number;
  #run: ChatRun | null = null;
  #served: Served | null = null;
  #stream: ClientStream | null = null;
  #pulse: Pulse | null = null;

  constructor(call: ChatCall, context: ChatContext, deps: ChatsDeps, ended: (chat: ActiveChat) => void) {
    this.#call = call;
    this.#context = context;
    this.#deps = deps;
    this.#ended = ended;
    this.#startedAt = deps.clock.monotonic();
  }

  async respond(): Promise<GatewayResponse> {
    try {
      const { signal, requestId } = this.#context;
      if (signal.aborted) throw new GatewayError("client_closed_request");
      this.#run = new ChatRun(this.#call, this.#deps.plan(this.#call), requestId, this.#deps);
      const { model, stream } = this.#call.request;
      this.#deps.emit("request", () => ({ requestId, model, stream: stream === true }));
      signal.addEventListener("abort", this.#leave, { once: true });
      return this.#call.request.stream ? await this.#respondStream(this.#run) : this.#whole(await this.#run.serve());
    } catch (error) {
      this.#fail(asGatewayError(error));
      throw error;
    }
  }

  stop(error: GatewayError): void {
    const served = this.#served;
    if (!served) return this.#run?.stop(error);
    served.attempt.abort(error);
    this.#fail(error);
  }

  readonly #leave = (): void => this.stop(new GatewayError("client_closed_request"));

  #whole(served: Served): GatewayResponse {
    this.#finish(served);
    return { status: 200, headers: jsonHeaders(served), body: served.answer?.body ?? null };
  }

  #respondStream(run: ChatRun): Promise<GatewayResponse> {
    const { keepAliveAfterMs, wheel } = this.#deps;
    const stream = new ClientStream();
    this.#stream = stream;
    return new Promise((resolve, reject) => {
      const begin = () => resolve({ status: 200, headers: streamHeaders(null), body: stream });
      if (keepAliveAfterMs !== null) this.#pulse = new Pulse(wheel, keepAliveAfterMs, stream, begin);
      run.serve().then(
        (served) => {
          if (this.#pulse?.begun) stream.decorate = (frame) => withReceipt(frame, receiptOf(served));
          else resolve({ status: 200, headers: streamHeaders(served), body: stream });
          this.#pulse?.committed();
          this.#pipe(served, stream);
        },
        (error: unknown) => {
          if (this.#pulse?.begun) this.#fail(asGatewayError(error));
          else reject(error);
        },
      );
    });
  }

  #pipe(served: Served, stream: ClientStream): void {
    this.#served = served;
    served.attempt.pipeTo(stream, (failure) => {
      if (failure) return this.#fail(streamError(served, failure));
      stream.end();
      this.#finish(served);
    });
  }

  #finish(served: Served): void {
    if (!this.#settle()) return;
    const { target, attempts, attempt } = served;
    this.#deps.emit("response", () => ({
      requestId: this.#context.requestId,
      model: target.model.id,
      provider: target.provider.name,
      layer: target.model.layer,
      attempts,
      stream: this.#stream !== null,
      durationMs: this.#deps.clock.monotonic() - this.#startedAt,
      usage: attempt.usage,
    }));
  }

  #fail(error: GatewayError): void {
    if (!this.#settle()) return;
    this.#stream?.fail(error, openaiErrorFrame(error));
    const { requestId } = this.#context;
    this.#deps.emit("error", () => ({
      requestId,
      model: this.#call.request.model,
      error,
      committed: this.#served !== null,
    }));
  }

  #settled = false;

  /** True the first time: every chat ends once. */
  #settle(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    this.#pulse?.stop();
    this.#context.signal.removeEventListener("abort", this.#leave);
    this.#ended(this);
    return true;
  }
}

function streamError({ target }: Served, { code, details, cause }: UpstreamFailure): GatewayError {
  return new GatewayError(code, { details: `${target.model.id} ${details ?? code}`, cause });
}

function asGatewayError(error: unknown): GatewayError {
  return isGatewayError(error) ? error : new GatewayError("internal", { cause: error });
}
