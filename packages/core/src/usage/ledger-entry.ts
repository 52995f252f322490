import type { FailureCode } from "../errors.js";
import type {
  CallStatus,
  CallVerdict,
  LedgerRow,
  OmittedStep,
  RowStart,
  UnitPrice,
  UsageSource,
} from "../schemas/ledger.js";
import type { AttemptTrace } from "../spec/tracing.js";
import type { Usage } from "../spec/usage.js";
import { utf8Length } from "../utf8-length.js";
import { costOf, inexactCostOf, isFree } from "./cost.js";
import type { CallNote, CallReserve, LedgerDeps, OpenCall, PlannedCall, RequestFacts } from "./ledger-deps.js";
import { picodollars } from "./money.js";

/** The account an entry belongs to. */
export interface EntryAccount extends RequestFacts {
  /** Told of an answer that waits for a judge, and how to book it without one. */
  hold(settle: () => void): void;
  /** Calls that were not made since this was asked before; undefined for none. */
  takeOmitted(): OmittedStep[] | undefined;
  /** Told once of each call how long it took to answer, or to fail: milliseconds. */
  waited(ms: number): void;
  /** Told of each call's end, and so of what it came to. */
  ended(row: LedgerRow, reserved: CallReserve | null): void;
  /** Told of each row once; later, where a judge settles it. */
  booked(row: LedgerRow, reserved: CallReserve | null): void;
}

/** How a call ended. */
interface Ending {
  readonly status: CallStatus;
  readonly code: FailureCode | null;
  readonly usage: Usage | null;
  readonly source: UsageSource;
  /** True for calls that are surely not billed. */
  readonly free: boolean;
}

/** English has about four characters a token. */
const BYTES_PER_TOKEN = 4;

const NO_ONE = (): void => {};

/** Rows are never changed, so all may have the same one. */
const NO_VERDICTS: CallVerdict[] = [];

/**
 * One upstream call on its way into the ledger: it hears of the call's transitions and becomes a row at the end,
 * whatever the end is.
 */
export class LedgerEntry implements OpenCall {
  readonly call: PlannedCall;
  readonly facts: EntryAccount;
  note: CallNote | null = null;
  /** Its span; null where nobody traces. */
  trace: AttemptTrace | null = null;
  /** Pieces of output seen, which is about as many tokens. */
  outputs = 0;
  /** The booked row; null while the call runs. */
  row: LedgerRow | null = null;
  readonly #deps: LedgerDeps;
  readonly #id: string;
  readonly #attempt: number;
  readonly #at: number;
  readonly #price: UnitPrice | null;
  readonly #openedAt: number;
  #sent = false;
  #firstOutputAt: number | null = null;
  #held: LedgerRow | null = null;

  constructor(facts: EntryAccount, call: PlannedCall, attempt: number, deps: LedgerDeps) {
    this.#deps = deps;
    this.facts = facts;
    this.call = call;
    this.#id = deps.newId();
    this.#attempt = attempt;
    this.#at = deps.clock.now();
    this.#price = deps.prices.of(call.model, this.#at);
    this.#openedAt = deps.clock.monotonic();
  }

  get start(): RowStart {
    const { requestId, key, user, tags, operation, stream } = this.facts;
    const { model, provider, reason, role } = this.call;
    return {
      id: this.#id,
      requestId,
      attempt: this.#attempt,
      at: this.#at,
      key,
      user,
      tags,
      model: model.id,
      provider: provider.name,
      layer: model.layer,
      operation,
      stream,
      reason,
      role,
      price: this.#price,
    };
  }

  /** The request is about to go out. */
  sent(): void {
    this.#sent = true;
    this.#deps.book.started(this);
  }

  /** The first output of a stream has come. */
  committed(): void {
    this.#firstOutputAt = this.#deps.clock.monotonic();
    this.facts.waited(this.#firstOutputAt - this.#openedAt);
  }

  /** The answer is complete. `then` is called once it is recorded, and not before: the last byte waits for it. */
  finished(usage: Usage | null, then: () => void): void {
    const source = usage ? "reported" : "none";
    this.#end({ status: "finished", code: null, usage, source, free: false }, then);
  }

  /** The call failed; `httpStatus` where the upstream answered with an error status, which nobody bills. */
  failed(code: FailureCode, usage: Usage | null, httpStatus: number | undefined): void {
    const free = !this.#sent || (httpStatus !== undefined && httpStatus !== 200);
    this.#end(
      { status: "failed", code, usage: free ? null : this.#partial(usage), source: sourceOf(free), free },
      NO_ONE,
    );
  }

  /** The gateway ended the call: the caller has left, or its answer is not needed. */
  aborted(usage: Usage | null): void {
    const free = !this.#sent;
    const status = this.facts.callerLeft ? "aborted" : "lost";
    this.#end({ status, code: null, usage: free ? null : this.#partial(usage), source: sourceOf(free), free }, NO_ONE);
  }

  /** Books a judged answer, with what the judges said. `then` is called once it is recorded. */
  settle(status: "finished" | "discarded", verdicts: readonly CallVerdict[] = [], then: () => void = NO_ONE): void {
    const row = this.#held;
    this.#held = null;
    if (row) this.#book({ ...row, status, verdicts: [...verdicts] }, then);
    else then();
  }

  /** The row as it would be if the call ended now. */
  preview(usage: Usage | null): LedgerRow {
    return (
      this.row ??
      this.#held ??
      this.#rowOf(
        { status: "finished", code: null, usage, source: usage ? "reported" : "none", free: false },
        this.#age,
      )
    );
  }

  #end(ending: Ending, then: () => void): void {
    if (this.row || this.#held) return then();
    const age = this.#age;
    if (this.#firstOutputAt === null) this.facts.waited(age);
    const row = this.#rowOf(ending, age);
    this.facts.ended(row, this.call.reserved ?? null);
    this.trace?.ended(row);
    if (!this.call.judged || row.status !== "finished") return this.#book(row, then);
    this.#held = row;
    this.facts.hold(() => this.settle("finished"));
    then();
  }

  #book(ended: LedgerRow, then: () => void): void {
    const omitted = this.facts.takeOmitted();
    const row = omitted ? { ...ended, omitted } : ended;
    this.row = row;
    this.facts.booked(row, this.call.reserved ?? null);
    this.#deps.book.ended(this, row, then);
  }

  /** Milliseconds since it was opened. */
  get #age(): number {
    return this.#deps.clock.monotonic() - this.#openedAt;
  }

  #rowOf({ status, code, usage, source, free }: Ending, age: number): LedgerRow {
    const { facts } = this;
    const { model, provider, reason, role } = this.call;
    const { strongest } = this.#deps;
    const cost = source === "partial-estimated" && !this.#isFree ? null : this.#costOf(usage, free);
    const compared = status === "finished" && role === "answer" && usage;
    // Field by field: spreading the start would leave an object in slow mode, at ten times the cost of the whole entry.
    return {
      id: this.#id,
      requestId: facts.requestId,
      attempt: this.#attempt,
      at: this.#at,
      key: facts.key,
      user: facts.user,
      tags: facts.tags,
      model: model.id,
      provider: provider.name,
      layer: model.layer,
      operation: facts.operation,
      stream: facts.stream,
      reason,
      role,
      status,
      code,
      partial: this.#firstOutputAt !== null && status !== "finished",
      usageSource: source,
      usage: usage && counts(usage),
      price: this.#price,
      cost,
      costReported: cost !== null && this.#reported(usage) !== null,
      estimatedCost: cost === null ? this.#estimate(usage) : null,
      strongest: compared ? strongest(facts.operation, usage) : null,
      verdicts: NO_VERDICTS,
      durationMs: tenths(age),
      ttftMs: this.#firstOutputAt === null ? null : tenths(this.#firstOutputAt - this.#openedAt),
    };
  }

  #costOf(usage: Usage | null, free: boolean): number | null {
    if (free || this.#isFree) return 0;
    if (!usage) return null;
    return this.#reported(usage) ?? (this.#price && costOf(usage, this.#price));
  }

  get #isFree(): boolean {
    return this.#price !== null && isFree(this.#price);
  }

  /** What the upstream itself says it charged. */
  #reported(usage: Usage | null): number | null {
    if (!this.call.provider.reportsCost || usage?.costUsd === undefined) return null;
    return picodollars(usage.costUsd);
  }

  #estimate(usage: Usage | null): number | null {
    return this.#price && inexactCostOf(usage ?? this.#partial(null), this.#price);
  }

  /** What was reported before the end, and for the rest as much as was seen. */
  #partial(usage: Usage | null): Usage {
    const seen = this.outputs;
    if (usage) return { ...usage, output: Math.max(usage.output, seen) };
    return { ...NOTHING, input: this.promptEstimate, output: seen };
  }

  /** How many tokens the prompt has, by its length. */
  get promptEstimate(): number {
    const { body } = this.call;
    return Math.ceil((typeof body === "string" ? utf8Length(body) : body.length) / BYTES_PER_TOKEN);
  }
}

const NOTHING: Usage = { input: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 0, reasoning: 0 };

function sourceOf(free: boolean): UsageSource {
  return free ? "none" : "partial-estimated";
}

function counts({ input, cacheRead, cacheWrite5m, cacheWrite1h, output, reasoning }: Usage): LedgerRow["usage"] {
  return { input, cacheRead, cacheWrite5m, cacheWrite1h, output, reasoning };
}

function tenths(ms: number): number {
  return Math.max(0, Math.round(ms * 10) / 10);
}
