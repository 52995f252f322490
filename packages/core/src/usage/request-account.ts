import { GatewayError } from "../errors.js";
import type { LedgerRow, OmittedStep } from "../schemas/ledger.js";
import type { Operation } from "../schemas/operation.js";
import type { RequestReceipt } from "../schemas/usage-view.js";
import type { CallContext } from "../spec/call.js";
import type { Identity } from "../spec/http.js";
import type { RequestTrace } from "../spec/tracing.js";
import type { Usage } from "../spec/usage.js";
import type { Reservation } from "./budgets/counters.js";
import type { CallReserve, LedgerDeps, PlannedCall } from "./ledger-deps.js";
import { type EntryAccount, LedgerEntry } from "./ledger-entry.js";
import { decimalDollars, dollars, picodollars } from "./money.js";
import { requestReceipt } from "./receipt.js";
import { type PricedCall, worstCaseOf } from "./worst-case.js";

/** As much of a request as its account keeps. */
export interface AccountedCall {
  readonly operation: Operation;
  readonly request: {
    readonly stream?: boolean | null | undefined;
    readonly sluice?: { readonly tags?: string[] | undefined; readonly maxCostUsd?: number | undefined } | undefined;
  };
}

/** Every upstream call of one request, whoever makes it: the answer's, a verifier's, a judge's. */
export class RequestAccount implements EntryAccount {
  readonly requestId: string;
  readonly operation: Operation;
  readonly stream: boolean;
  readonly key: string | null;
  readonly user: string | null;
  readonly tags: string[];
  /** To be set when the caller leaves. */
  callerLeft = false;
  /** The request's span, to be set where somebody traces. */
  trace: RequestTrace | null = null;
  /** Milliseconds it has waited for upstreams until they answered or failed. */
  upstreamMs = 0;
  readonly #deps: LedgerDeps;
  readonly #rows: LedgerRow[] = [];
  readonly #held: (() => void)[] = [];
  /** In picodollars; null for no limit. */
  readonly #limit: number | null;
  /** Spent by calls that have ended and put aside for those that run, in picodollars. */
  #committed = 0;
  #made = 0;
  /** Calls that were not made, and how many of them stand in a row. */
  readonly #omitted: OmittedStep[] = [];
  #omittedBooked = 0;

  constructor({ requestId, identity }: CallContext, { operation, request }: AccountedCall, deps: LedgerDeps) {
    this.requestId = requestId;
    this.operation = operation;
    this.stream = request.stream === true;
    this.tags = request.sluice?.tags ?? NO_TAGS;
    this.key = identity?.kind === "key" ? identity.id : null;
    this.user = userOf(identity);
    const most = request.sluice?.maxCostUsd;
    this.#limit = most === undefined ? null : picodollars(most);
    this.#deps = deps;
  }

  /**
   * Puts the most a call can cost aside, where anything limits it; null where nothing does. A promise only where
   * counters are shared. Whoever gets a reserve opens an entry with it.
   * @throws GatewayError `insufficient_quota`
   */
  reserve(call: PricedCall): CallReserve | null | Promise<CallReserve> {
    const { budgets } = this.#deps;
    if (this.#limit === null && !budgets.areSet) return null;
    const amount = this.worstCase(call);
    if (amount === null) {
      const details = `${call.model.id} has no price, so nobody can say whether the budget would do; give it one`;
      throw new GatewayError("insufficient_quota", { details });
    }
    if (this.#exceeds(amount)) {
      const details = `sluice.maxCostUsd leaves no room for ${call.model.id}, which may cost up to $${decimalDollars(amount)}; max_tokens bounds that`;
      throw new GatewayError("insufficient_quota", { param: "sluice.maxCostUsd", details });
    }
    const budget = budgets.areSet ? budgets.reserve(this, BigInt(amount)) : null;
    if (!(budget instanceof Promise)) return this.#set(amount, budget);
    return budget.then((taken) => this.#set(amount, taken));
  }

  /** The most a call can cost, in picodollars; null where nobody can say. */
  worstCase(call: PricedCall): number | null {
    const price = this.#deps.prices.of(call.model, this.#deps.clock.now());
    return price && worstCaseOf(call, price);
  }

  /** Whether anything limits what the request may cost. */
  get isLimited(): boolean {
    return this.#limit !== null || this.#deps.budgets.areSet;
  }

  /** Whether so much could be put aside now, for all this process knows. */
  hasRoom(amount: number): boolean {
    return !this.#exceeds(amount) && this.#deps.budgets.affords(this, BigInt(amount));
  }

  /** A call was not made. */
  omit(step: OmittedStep): void {
    this.#omitted.push(step);
  }

  takeOmitted(): OmittedStep[] | undefined {
    if (this.#omitted.length === this.#omittedBooked) return undefined;
    const fresh = this.#omitted.slice(this.#omittedBooked);
    this.#omittedBooked = this.#omitted.length;
    return fresh;
  }

  #exceeds(amount: number): boolean {
    return this.#limit !== null && amount > 0 && this.#committed + amount > this.#limit;
  }

  /** Gives back what was put aside for a call that was not made. */
  release({ amount, budget }: CallReserve): void {
    this.#committed -= amount;
    if (budget) this.#deps.budgets.settle(budget, 0n);
  }

  #set(amount: number, budget: Reservation | null): CallReserve {
    this.#committed += amount;
    return { amount, budget };
  }

  /** Opens the entry of one upstream call. */
  open(call: PlannedCall): LedgerEntry {
    const entry = new LedgerEntry(this, call, ++this.#made, this.#deps);
    if (this.trace) entry.trace = this.trace.attempt({ start: entry.start, apiModelName: call.model.apiModelName });
    return entry;
  }

  /** The rows booked so far, in the order their calls ended. */
  get rows(): readonly LedgerRow[] {
    return this.#rows;
  }

  /** What the request has cost so far, in picodollars; null where that is not known. */
  get cost(): number | null {
    let sum = 0;
    for (const { cost } of this.#rows) {
      if (cost === null) return null;
      sum += cost;
    }
    return sum;
  }

  /** The same in US dollars. */
  get costUsd(): number | null {
    const { cost } = this;
    return cost === null ? null : dollars(cost);
  }

  /** What the request went through, while the call that answers it may still run. */
  receipt(serving: LedgerEntry, usage: Usage | null): RequestReceipt {
    const row = serving.preview(usage);
    const others = this.#rows.filter(({ id }) => id !== row.id);
    const [first = row, ...rest] = [...others, row].sort((one, other) => one.attempt - other.attempt);
    return { ...requestReceipt([first, ...rest]), omitted: this.#omitted };
  }

  hold(settle: () => void): void {
    this.#held.push(settle);
  }

  waited(ms: number): void {
    this.upstreamMs += ms;
  }

  ended(row: LedgerRow, reserved: CallReserve | null): void {
    this.#committed += spentOf(row, reserved) - (reserved?.amount ?? 0);
  }

  booked(row: LedgerRow, reserved: CallReserve | null): void {
    this.#rows.push(row);
    this.#deps.budgets.settle(reserved?.budget ?? NOTHING_RESERVED, BigInt(spentOf(row, reserved)));
  }

  /** The request is over. Answers that no judge has settled are booked as they are. */
  close(): void {
    for (const settle of this.#held) settle();
  }
}

const NO_TAGS: string[] = [];
const NOTHING_RESERVED: Reservation = { amount: 0n, claims: [] };

/** What a call counts for; one of which nothing is known counts for the most it could cost. */
function spentOf({ cost, estimatedCost }: LedgerRow, reserved: CallReserve | null): number {
  return cost ?? estimatedCost ?? reserved?.amount ?? 0;
}

/** A key's user, a user, or somebody the host application knows. */
function userOf(identity: Identity | undefined): string | null {
  if (!identity || identity.kind === "anonymous") return null;
  return identity.kind === "key" ? (identity.userId ?? null) : identity.id;
}
