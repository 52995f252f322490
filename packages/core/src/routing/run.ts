import { delay } from "../clock.js";
import type { ModelCall } from "../dialects/model-call.js";
import type { Answer, UpstreamCall } from "../dialects/upstream-call.js";
import { UpstreamFailure } from "../dialects/upstream-failure.js";
import { GatewayError, isGatewayError } from "../errors.js";
import type { CallRole } from "../schemas/ledger.js";
import type { Provider, Timeouts } from "../spec/provider.js";
import type { CallReserve } from "../usage/ledger-deps.js";
import type { RequestAccount } from "../usage/request-account.js";
import { Attempt } from "./attempt.js";
import type { CascadeReport } from "./cascade/cascade-report.js";
import { type FailedAttempt, finalError, isStrain, isUpstreamsFault, nextStep } from "./failure-policy.js";
import type { RoutingDeps } from "./routing-deps.js";
import type { Slots } from "./slots.js";
import type { Target } from "./target.js";

/** An upstream that asks for a longer wait than this is not waited for. */
const MAX_WAIT_MS = 5_000;
const BASE_BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 2_000;
const TOO_MANY_REQUESTS = 429;

/** The attempt that answered. */
export interface Served {
  readonly attempt: Attempt;
  readonly target: Target;
  /** The whole answer; null for a stream, which is still to be piped. */
  readonly answer: Answer | null;
  /** Upstream calls made, this one included. */
  readonly attempts: number;
  /** Models that failed before this one. */
  readonly fallbacks: number;
  /** Request fields the upstream has no form for. */
  readonly dropped: readonly string[];
  /** How it was judged, where it was. */
  readonly cascade?: CascadeReport | undefined;
  /** How `auto` chose between layers, where it had a choice. */
  readonly manner?: "judged" | "buffered" | "pre-route" | undefined;
  /** Why it was not judged, where the choice was made before the call. */
  readonly skipped?: string | undefined;
  /** The answer as the events of a stream, where a stream was asked for and the answer was judged first. */
  readonly events?: string | undefined;
}

/** On whose account the upstream calls of a run go, and what they are for. */
export interface Booking {
  readonly account: RequestAccount;
  /** @defaultValue `answer` */
  readonly role?: CallRole | undefined;
  /** Whether the answer waits for a judge, who settles its entry. @defaultValue false */
  readonly judged?: boolean | undefined;
  /** Whether it comes in the place of a rejected answer. @defaultValue false */
  readonly escalates?: boolean | undefined;
}

interface Candidate {
  readonly target: Target;
  tries: number;
  left: boolean;
}

/** What was put aside for one call; null where nothing limits it. */
type Taken = CallReserve | null | Promise<CallReserve | null>;

/** Walks the planned targets until one of them commits. */
export class Run {
  readonly #call: ModelCall;
  readonly #booking: Booking;
  readonly #deps: RoutingDeps;
  readonly #candidates: Candidate[];
  readonly #failed: FailedAttempt[] = [];
  /** Upstreams that have failed this request in a way that asking again makes worse. */
  readonly #strained: Provider[] = [];
  readonly #deadline: number;
  /** Why the first model that cannot take such a request cannot. */
  #unfit: GatewayError | null = null;
  #current: Attempt | null = null;
  #stopped: GatewayError | null = null;
  #waiting: AbortController | null = null;

  constructor(call: ModelCall, targets: readonly Target[], booking: Booking, deps: RoutingDeps) {
    this.#call = call;
    this.#booking = booking;
    this.#deps = deps;
    this.#candidates = targets.map((target) => ({ target, tries: 0, left: false }));
    const asked = call.request.sluice?.timeouts?.totalMs ?? Number.POSITIVE_INFINITY;
    this.#deadline = deps.clock.monotonic() + Math.min(asked, longestTotalMs(targets, deps.timeouts));
  }

  /** Ends the run wherever it is: the upstream is closed, and whoever waits gets `error`. */
  stop(error: GatewayError): void {
    if (this.#stopped) return;
    this.#stopped = error;
    this.#waiting?.abort(error);
    this.#current?.abort(error);
  }

  /** @throws GatewayError when nothing answered */
  async serve(): Promise<Served> {
    let made = 0;
    while (made < this.#deps.attempts) {
      const candidate = this.#next();
      if (!candidate) break;
      if (!this.#mayCall(candidate)) continue;
      const upstream = this.#opened(candidate);
      if (!upstream) continue;
      const wait = this.#waitMs(candidate);
      if (wait > 0) await this.#abortable((signal) => delay(this.#deps.clock, wait, signal));
      candidate.tries++;
      made++;
      try {
        const taken = this.#taken(candidate.target, upstream);
        const reserved = taken instanceof Promise ? await taken : taken;
        const attempt = this.#started(candidate.target, upstream, made, reserved);
        return this.#served(attempt, await attempt.committed, upstream, made);
      } catch (error) {
        if (this.#stopped) throw this.#stopped;
        if (isGatewayError(error) && (error.code === "insufficient_quota" || error.code === "server_overloaded")) {
          this.#unfit ??= error; // a cheaper model may still fit, or another provider have room
          candidate.left = true;
          made--;
          this.#passOver(candidate);
          continue;
        }
        if (!(error instanceof UpstreamFailure)) throw error;
        this.#book(candidate, error, made);
      }
    }
    throw this.#givenUp();
  }

  /** A request asks an upstream that has failed it again only while few others do: the rest goes elsewhere. */
  #mayCall(candidate: Candidate): boolean {
    const { load, clock } = this.#deps;
    const { provider } = candidate.target;
    if (!this.#strained.includes(provider) || load(provider).retries.take(clock.monotonic())) return true;
    candidate.left = true;
    return false;
  }

  /** The request in the candidate's dialect; null where it has no form there, which may be otherwise with the next. */
  #opened(candidate: Candidate): UpstreamCall | null {
    const { provider, model } = candidate.target;
    try {
      return this.#call.open(provider, model);
    } catch (error) {
      if (!isGatewayError(error)) throw error;
      this.#unfit ??= error;
      candidate.left = true;
      return null;
    }
  }

  /** What one call needs: a slot, and money put aside. A promise only where either has to be waited for. */
  #taken(target: Target, upstream: UpstreamCall): Taken {
    const { slots } = this.#deps.load(target.provider);
    if (!slots) return this.#reserve(target, upstream, slots);
    return this.#inTime(slots).then(() => this.#reserve(target, upstream, slots));
  }

  /** Sends the call out. */
  #started(target: Target, upstream: UpstreamCall, made: number, reserved: CallReserve | null): Attempt {
    const deps = this.#deps;
    const { operation, request } = this.#call;
    const { account, role = "answer", judged = false } = this.#booking;
    const { slots, retries } = deps.load(target.provider);
    if (this.#stopped) {
      slots?.release();
      if (reserved) account.release(reserved);
      throw this.#stopped;
    }
    const { model, provider, reason } = target;
    const attempt = new Attempt({
      target,
      operation,
      streaming: request.stream === true,
      upstream,
      timeouts: this.#timeouts(target),
      deadline: this.#deadline,
      wheel: deps.wheel,
      clock: deps.clock,
      entry: account.open({ model, provider, reason, role, judged, body: upstream.body, reserved }),
      release: slots ? () => slots.release() : undefined,
    });
    this.#current = attempt;
    deps.emit("attempt", () => ({
      requestId: account.requestId,
      attempt: made,
      model: model.id,
      provider: provider.name,
      reason,
    }));
    deps.resting.trying(model.id);
    attempt.start();
    if (!this.#strained.includes(target.provider)) retries.count(deps.wheel.now);
    return attempt;
  }

  #served(attempt: Attempt, answer: Answer | null, { dropped = [] }: UpstreamCall, attempts: number): Served {
    const { target } = attempt;
    this.#deps.resting.succeeded(target.model.id);
    const fallbacks = this.#failed.length === 0 ? 0 : this.#failedBefore(target);
    return { attempt, target, answer, attempts, fallbacks, dropped };
  }

  #passOver({ target: { model } }: Candidate): void {
    const { account, role = "answer", escalates } = this.#booking;
    account.omit({ step: escalates ? "escalation" : role, model: model.id, reason: "budget" });
  }

  /** Puts money aside for one call; without it the slot goes back. @throws GatewayError `insufficient_quota` */
  #reserve({ model }: Target, { body }: UpstreamCall, slots: Slots | undefined): Taken {
    const { operation, request } = this.#call;
    const giveBack = (error: unknown): never => {
      slots?.release();
      throw error;
    };
    try {
      const taken = this.#booking.account.reserve({ operation, request, model, body });
      return taken instanceof Promise ? taken.catch(giveBack) : taken;
    } catch (error) {
      return giveBack(error);
    }
  }

  /** How many other models failed before this one. */
  #failedBefore({ model }: Target): number {
    const others = this.#failed.map(({ modelId }) => modelId).filter((id) => id !== model.id);
    return new Set(others).size;
  }

  /**
   * Fewest tries first, then whoever neither rests nor keeps failing, then the order of the plan. Who rests for longer
   * than anybody would wait is passed over.
   */
  #next(): Candidate | undefined {
    const { resting } = this.#deps;
    const rank = ({ target, tries }: Candidate) =>
      tries * 4 + (resting.askedMs(target.model.id) > 0 ? 2 : 0) + (resting.isOpen(target.model.id) ? 1 : 0);
    let best: Candidate | undefined;
    for (const candidate of this.#candidates) {
      if (candidate.left || this.#restMs(candidate) > MAX_WAIT_MS) continue;
      if (!best || rank(candidate) < rank(best)) best = candidate;
    }
    return best;
  }

  /** How long the upstream asked not to be called; another key of its provider need not keep to that. */
  #restMs({ target }: Candidate): number {
    const asked = this.#deps.resting.askedMs(target.model.id);
    return asked > 0 && target.provider.hasSpareKey?.() === true ? 0 : asked;
  }

  /** How long to wait before a candidate is called. @throws GatewayError when that would be too long */
  #waitMs(candidate: Candidate): number {
    const { clock } = this.#deps;
    const { target, tries } = candidate;
    const again = tries > 0 && target.provider.hasSpareKey?.() !== true;
    const backoff = again ? clock.random() * Math.min(MAX_BACKOFF_MS, BASE_BACKOFF_MS * 2 ** tries) : 0;
    const wait = Math.max(this.#restMs(candidate), backoff);
    if (wait > 0 && clock.monotonic() + wait > this.#deadline) throw this.#givenUp();
    return wait;
  }

  /** Takes a slot, for which nobody waits longer than the whole call may take. */
  async #inTime(slots: Slots): Promise<void> {
    const { clock } = this.#deps;
    const late = new GatewayError("timeout", { details: "waited for a free slot until totalMs had passed" });
    const cancel = clock.after(Math.max(0, this.#deadline - clock.monotonic()), () => this.#waiting?.abort(late));
    try {
      await this.#abortable((signal) => slots.take(signal));
    } finally {
      cancel();
    }
  }

  /** A wait that {@link stop} ends. */
  async #abortable(wait: (signal: AbortSignal) => Promise<void>): Promise<void> {
    if (this.#stopped) throw this.#stopped;
    this.#waiting = new AbortController();
    try {
      await wait(this.#waiting.signal);
    } finally {
      this.#waiting = null;
    }
  }

  #book(candidate: Candidate, failure: UpstreamFailure, made: number): void {
    const { resting, emit } = this.#deps;
    const { model, provider } = candidate.target;
    this.#failed.push({ modelId: model.id, provider: provider.name, failure });
    const spareKey = provider.hasSpareKey?.() === true;
    if (isUpstreamsFault(failure) && !spareKey) resting.failed(model.id, failure);
    const otherKeyMayDo = spareKey && failure.status === TOO_MANY_REQUESTS;
    if (isStrain(failure) && !otherKeyMayDo) this.#strained.push(provider);
    const step = nextStep(failure);
    if (step === "stop" || this.#deps.clock.monotonic() >= this.#deadline) throw this.#givenUp();
    if (step === "leave" && !(spareKey && failure.code === "upstream_auth_failed")) candidate.left = true;
    emit("fallback", () => ({
      requestId: this.#booking.account.requestId,
      attempt: made,
      model: model.id,
      provider: provider.name,
      code: failure.code,
      details: failure.details,
    }));
  }

  #givenUp(): GatewayError {
    const waits = this.#candidates.map(({ target }) => this.#deps.resting.askedMs(target.model.id));
    const soonest = Math.min(...waits.filter((wait) => wait > 0));
    const retryAfterMs = Number.isFinite(soonest) ? soonest : undefined;
    if (this.#failed.length > 0) return finalError(this.#failed, retryAfterMs);
    if (this.#unfit && this.#candidates.every(({ left }) => left)) return this.#unfit;
    return new GatewayError("upstream_rate_limited", {
      details: "every model for this request waits for its provider's rate limit",
      retryAfterMs: Math.max(retryAfterMs ?? 0, 1_000),
    });
  }

  /** Model over provider over configuration; the request may only shorten what they say. */
  #timeouts({ model, provider }: Target): Timeouts {
    const asked = this.#call.request.sluice?.timeouts;
    if (!asked && !provider.timeouts && Object.keys(model.timeouts).length === 0) return this.#deps.timeouts;
    const merged: { -readonly [Timer in keyof Timeouts]: number } = { ...this.#deps.timeouts };
    for (const timer of TIMERS) {
      const configured = model.timeouts[timer] ?? provider.timeouts?.[timer] ?? merged[timer];
      merged[timer] = Math.min(configured, asked?.[timer] ?? configured);
    }
    return merged;
  }
}

const TIMERS = ["connectMs", "headersMs", "firstOutputMs", "idleMs", "totalMs"] as const;

/** A call may take as long as the slowest of its models may. */
function longestTotalMs(targets: readonly Target[], { totalMs }: Timeouts): number {
  let longest = 0;
  for (const { model, provider } of targets) {
    longest = Math.max(longest, model.timeouts.totalMs ?? provider.timeouts?.totalMs ?? totalMs);
  }
  return longest;
}
