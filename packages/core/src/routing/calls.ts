import type { ModelCall } from "../dialects/model-call.js";
import type { Answer } from "../dialects/upstream-call.js";
import type { UpstreamFailure } from "../dialects/upstream-failure.js";
import { openaiErrorFrame } from "../error-shapes.js";
import { GatewayError, isGatewayError } from "../errors.js";
import type { RouteDecision } from "../schemas/route-decision.js";
import type { RequestReceipt } from "../schemas/usage-view.js";
import type { CallContext } from "../spec/call.js";
import type { GatewayResponse } from "../spec/http.js";
import type { Tracing } from "../spec/tracing.js";
import { NO_USAGE, type Usage } from "../spec/usage.js";
import type { Ledger } from "../usage/ledger.js";
import type { RequestAccount } from "../usage/request-account.js";
import { ClientStream } from "./client-stream.js";
import type { Decision } from "./decision.js";
import { Pulse } from "./pulse.js";
import { answerBody, answerHeaders, crossCheckOf, receiptOf, streamHeaders, withReceipt } from "./receipt.js";
import type { Runner } from "./router.js";
import type { RoutingDeps } from "./routing-deps.js";
import type { Served } from "./run.js";
import { type Seated, Seats } from "./seats.js";
import { tracedAnswer } from "./traced-answer.js";

/** What the calls need besides routing. */
export interface CallsDeps extends Pick<RoutingDeps, "clock" | "wheel" | "emit"> {
  readonly ledger: Ledger;
  /** @throws GatewayError when nothing could serve the call */
  readonly decide: (call: ModelCall, context: CallContext) => Decision;
  /** Sets out to do what was decided. */
  readonly run: (call: ModelCall, decision: Decision, account: RequestAccount) => Runner;
  /** A decision in words. */
  readonly explain: (call: ModelCall, context: CallContext, decision: Decision) => RouteDecision;
  /** Null where nobody traces. */
  readonly tracing: Tracing | null;
  /** Told of every answer once it has ended. */
  readonly served: (call: ModelCall, context: CallContext, served: Served) => void;
  /** Milliseconds of silence before a stream gets a comment; null for never. */
  readonly keepAliveAfterMs: number | null;
}

/** Every call that runs, from the plan to the last byte. */
export class Calls {
  readonly #deps: CallsDeps;
  readonly #active = new Seats<ActiveCall>();
  #idle: (() => void)[] = [];
  /** Why no more calls are taken, once the gateway is closed. */
  #stopped: GatewayError | null = null;

  constructor(deps: CallsDeps) {
    this.#deps = deps;
  }

  /** Answers one call; a streamed body may go on after this resolves. @throws GatewayError */
  respond(call: ModelCall, context: CallContext): Promise<GatewayResponse> {
    if (this.#stopped) return Promise.reject(this.#stopped);
    const active = new ActiveCall(call, context, this.#deps, (ended) => this.#forget(ended));
    this.#active.add(active);
    return active.respond();
  }

  /** Calls that run now. */
  get size(): number {
    return this.#active.size;
  }

  /** Resolves once no call runs. */
  idle(): Promise<void> {
    return this.#active.size === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }

  /** Ends every call that still runs, and those to come; streams get an error frame. */
  stopAll(): void {
    const error = new GatewayError("draining", { retryAfterMs: 1_000 });
    this.#stopped = error;
    for (const call of this.#active.snapshot()) call.stop(error);
  }

  #forget(call: ActiveCall): void {
    this.#active.delete(call);
    if (this.#active.size > 0 || this.#idle.length === 0) return;
    const waiting = this.#idle;
    this.#idle = [];
    for (const resolve of waiting) resolve();
  }
}

/** One call from its plan to its last byte. */
class ActiveCall implements Seated {
  seat = -1;
  readonly #call: ModelCall;
  readonly #context: CallContext;
  readonly #deps: CallsDeps;
  readonly #ended: (call: ActiveCall) => void;
  readonly #startedAt: number;
  readonly #account: RequestAccount;
  #run: Runner | null = null;
  #served: Served | null = null;
  #stream: ClientStream | null = null;
  #pulse: Pulse | null = null;

  constructor(call: ModelCall, context: CallContext, deps: CallsDeps, ended: (call: ActiveCall) => void) {
    this.#call = call;
    this.#context = context;
    this.#deps = deps;
    this.#ended = ended;
    this.#startedAt = deps.clock.monotonic();
    this.#account = deps.ledger.open(context, call);
    if (deps.tracing) this.#account.trace = deps.tracing.request(call, context);
  }

  async respond(): Promise<GatewayResponse> {
    try {
      const { signal, requestId } = this.#context;
      if (signal.aborted) throw new GatewayError("client_closed_request");
      const decision = this.#deps.decide(this.#call, this.#context);
      this.#account.trace?.decided(() => this.#deps.explain(this.#call, this.#context, decision));
      this.#run = this.#deps.run(this.#call, decision, this.#account);
      const { model, stream } = this.#call.request;
      const { operation } = this.#call;
      this.#deps.emit("request", () => ({
        requestId,
        operation,
        model,
        stream: stream === true,
        explain: () => this.#deps.explain(this.#call, this.#context, decision),
      }));
      signal.addEventListener("abort", this.#leave, { once: true });
      return stream === true ? await this.#respondEvents(this.#run) : this.#respondServed(await this.#run.serve());
    } catch (thrown) {
      const error = asGatewayError(thrown);
      this.#fail(error);
      throw error;
    }
  }

  /** What the call has taken so far besides waiting for upstreams. */
  get #overheadMs(): number {
    return Math.max(0, this.#deps.clock.monotonic() - this.#startedAt - this.#account.upstreamMs);
  }

  stop(error: GatewayError): void {
    const served = this.#served;
    if (!served) return this.#run?.stop(error);
    served.attempt.abort(error);
    this.#fail(error);
  }

  readonly #leave = (): void => {
    this.#account.callerLeft = true;
    this.stop(new GatewayError("client_closed_request"));
  };

  #whole(served: Served, answer: Answer): GatewayResponse {
    this.#finish(served);
    const figures = { overheadMs: this.#overheadMs, cost: this.#account.cost };
    const receipt = this.#wantsReceipt ? this.#receipt(served) : null;
    return {
      status: 200,
      headers: answerHeaders(served, answer, figures),
      body: answerBody(served, answer, receipt),
    };
  }

  get #wantsReceipt(): boolean {
    return this.#call.request.sluice?.receipt === true;
  }

  #receipt({ attempt }: Served): RequestReceipt {
    return this.#account.receipt(attempt.entry, attempt.usage);
  }

  /** What goes into a stream's usage chunk: what the headers could not say, and the receipt where it was asked for. */
  #decorate(stream: ClientStream, served: Served): void {
    const begun = this.#pulse?.begun === true;
    const crossCheck = crossCheckOf(served);
    if (!begun && !crossCheck && !this.#wantsReceipt) return;
    stream.decorate = (frame) =>
      withReceipt(frame, () => ({
        ...(begun ? receiptOf(served) : {}),
        ...(crossCheck ? { crossCheck } : {}),
        ...(this.#wantsReceipt ? { receipt: this.#receipt(served) } : {}),
      }));
  }

  /** Most answers are whole; sound, say, goes on as it comes. */
  #respondServed(served: Served): GatewayResponse {
    if (served.answer) return this.#whole(served, served.answer);
    const stream = new ClientStream();
    this.#stream = stream;
    this.#pipe(served, stream);
    return { status: 200, headers: streamHeaders(served, this.#overheadMs), body: stream };
  }

  #respondEvents(run: Runner): Promise<GatewayResponse> {
    const { keepAliveAfterMs, wheel } = this.#deps;
    const stream = new ClientStream();
    this.#stream = stream;
    return new Promise((resolve, reject) => {
      const begin = () => resolve({ status: 200, headers: streamHeaders(null), body: stream });
      if (keepAliveAfterMs !== null) this.#pulse = new Pulse(wheel, keepAliveAfterMs, stream, begin);
      run.serve().then(
        (served) => {
          this.#decorate(stream, served);
          if (!this.#pulse?.begun)
            resolve({ status: 200, headers: streamHeaders(served, this.#overheadMs), body: stream });
          this.#pulse?.committed();
          if (served.events === undefined) this.#pipe(served, stream);
          else this.#writeWhole(served, served.events, stream);
        },
        (error: unknown) => {
          if (this.#pulse?.begun) this.#fail(asGatewayError(error));
          else reject(error);
        },
      );
    });
  }

  /** A stream whose answer is all there. */
  #writeWhole(served: Served, events: string, stream: ClientStream): void {
    this.#served = served;
    stream.write(events);
    stream.end();
    this.#finish(served);
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
    if (!this.#settle(served.attempt.usage)) return;
    const { target, attempts, attempt } = served;
    this.#account.trace?.answered(tracedAnswer(served, this.#account.costUsd));
    this.#deps.served(this.#call, this.#context, served);
    this.#deps.emit("response", () => ({
      requestId: this.#context.requestId,
      model: target.model.id,
      provider: target.provider.name,
      layer: target.model.layer,
      attempts,
      stream: this.#stream !== null,
      durationMs: this.#deps.clock.monotonic() - this.#startedAt,
      usage: attempt.usage,
      costUsd: this.#account.costUsd,
    }));
  }

  #fail(error: GatewayError): void {
    if (!this.#settle(this.#served ? this.#served.attempt.usage : NO_USAGE)) return;
    const framed = this.#served?.attempt.bytesOf === undefined;
    this.#stream?.fail(error, framed ? openaiErrorFrame(error) : null);
    this.#account.trace?.failed(error, this.#account.costUsd);
    const { requestId } = this.#context;
    this.#deps.emit("error", () => ({
      requestId,
      model: this.#call.request.model,
      error,
      committed: this.#served !== null,
    }));
  }

  #settled = false;

  /** True the first time: every call ends once. */
  #settle(usage: Usage | null): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    this.#account.close();
    this.#pulse?.stop();
    this.#context.signal.removeEventListener("abort", this.#leave);
    this.#context.ended?.(usage);
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
