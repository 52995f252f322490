import type { LedgerRow } from "../schemas/ledger.js";
import type { Operation } from "../schemas/operation.js";
import type { RequestReceipt } from "../schemas/usage-view.js";
import type { CallContext } from "../spec/call.js";
import type { Identity } from "../spec/http.js";
import type { Usage } from "../spec/usage.js";
import type { LedgerDeps, PlannedCall } from "./ledger-deps.js";
import { type EntryAccount, LedgerEntry } from "./ledger-entry.js";
import { dollars } from "./money.js";
import { requestReceipt } from "./receipt.js";

/** As much of a request as its account keeps. */
export interface AccountedCall {
  readonly operation: Operation;
  readonly request: {
    readonly stream?: boolean | null | undefined;
    readonly sluice?: { readonly tags?: string[] | undefined } | undefined;
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
  /** Milliseconds it has waited for upstreams until they answered or failed. To be added to. */
  upstreamMs = 0;
  readonly #deps: LedgerDeps;
  readonly #rows: LedgerRow[] = [];
  readonly #held: (() => void)[] = [];
  #made = 0;

  constructor({ requestId, identity }: CallContext, { operation, request }: AccountedCall, deps: LedgerDeps) {
    this.requestId = requestId;
    this.operation = operation;
    this.stream = request.stream === true;
    this.tags = request.sluice?.tags ?? [];
    this.key = identity?.kind === "key" ? identity.id : null;
    this.user = userOf(identity);
    this.#deps = deps;
  }

  /** Opens the entry of one upstream call. */
  open(call: PlannedCall): LedgerEntry {
    return new LedgerEntry(this, call, ++this.#made, this.#deps);
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
    return requestReceipt([first, ...rest]);
  }

  hold(settle: () => void): void {
    this.#held.push(settle);
  }

  booked(row: LedgerRow): void {
    this.#rows.push(row);
  }

  /** The request is over. Answers that no judge has settled are booked as they are. */
  close(): void {
    for (const settle of this.#held) settle();
  }
}

/** A key's user, a user, or somebody the host application knows. */
function userOf(identity: Identity | undefined): string | null {
  if (!identity || identity.kind === "anonymous") return null;
  return identity.kind === "key" ? (identity.userId ?? null) : identity.id;
}
