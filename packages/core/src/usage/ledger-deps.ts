import type { Clock } from "../clock.js";
import type { CallRole, LedgerRow, RowStart } from "../schemas/ledger.js";
import type { Model } from "../schemas/model.js";
import type { Operation } from "../schemas/operation.js";
import type { Usage } from "../spec/usage.js";
import type { Budgets } from "./budgets/budgets.js";
import type { Reservation } from "./budgets/counters.js";
import type { Prices } from "./prices.js";

/** What an upstream call is, before it is made. */
export interface PlannedCall {
  readonly model: Model;
  readonly provider: { readonly name: string; readonly reportsCost?: boolean | undefined };
  /** Why this model was chosen. */
  readonly reason: string;
  readonly role: CallRole;
  /** Whether a judge has yet to say what becomes of the answer; it is booked when that is settled. */
  readonly judged: boolean;
  readonly body: string | Uint8Array;
  /** What was put aside for it. */
  readonly reserved?: CallReserve | null | undefined;
}

/** Money put aside for a call, of the request and of budgets. */
export interface CallReserve {
  readonly amount: number;
  readonly budget: Reservation | null;
}

/** What all upstream calls of one request have in common. */
export interface RequestFacts {
  readonly requestId: string;
  readonly operation: Operation;
  readonly stream: boolean;
  /** The API key that pays, by id. */
  readonly key: string | null;
  /** The user that pays, by id. */
  readonly user: string | null;
  readonly tags: string[];
  /** True when the caller has left: calls that end from then on count as aborted. */
  readonly callerLeft: boolean;
}

/** An upstream call that has an entry in the ledger. */
export interface OpenCall {
  /** As much of its row as is known when it is sent; made when asked for. */
  readonly start: RowStart;
  /** How many tokens the prompt has, by its length. */
  readonly promptEstimate: number;
  /** What the book has to find again when the call ends. */
  note: CallNote | null;
}

/** Where the start of a call was noted, and how. */
export interface CallNote {
  readonly text: string;
  readonly segment: { open: number } | null;
}

/** Where rows go on their way to the store. */
export interface Book {
  /** Why rows may be lost; null while all is well. */
  readonly trouble: string | null;
  /** Gets ready, and takes up what an earlier process left. Safe to call again. */
  open(): void;
  /** A call is about to be sent, so that what becomes of it is known even if this process is not there to see it. */
  started(call: OpenCall): void;
  /** Takes the row of a call that has ended, and calls `then` once it is recorded. */
  ended(call: OpenCall, row: LedgerRow, then: () => void): void;
  /** Told how many rows the store has taken, in their order. */
  written(count: number): void;
  /** Brings what there is into the store, as far as it takes it. */
  close(): Promise<void>;
}

/** What a ledger works with. */
export interface LedgerDeps {
  readonly clock: Clock;
  readonly prices: Prices;
  readonly book: Book;
  /** Identifiers of rows, which sort by time. */
  readonly newId: () => string;
  readonly budgets: Pick<Budgets, "areSet" | "affords" | "reserve" | "settle">;
  /** What the strongest model would have cost, where there is one with a price. */
  readonly strongest: (operation: Operation, usage: Usage) => LedgerRow["strongest"];
}
