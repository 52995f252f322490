import type { UsageTotals } from "../../schemas/usage-totals.js";

/** The tables of a store, as the query builder sees them. Migrations make them; both SQL stores share them. */
export interface StoreTables {
  /** What instances keep a snapshot of: an entry's JSON, or NULL for a tombstone. */
  sluice_entries: {
    kind: string;
    id: string;
    entry: string | null;
  };
  /** One counter for each kind of entry. */
  sluice_revisions: {
    name: string;
    /** Postgres hands 64-bit integers over as text. */
    revision: number | string | bigint;
  };
  /** The audit log: each row's JSON, and beside it what rows are found by. */
  sluice_audit: {
    id: string;
    at: string;
    instance: string;
    actor: string;
    action: string;
    target: string | null;
    outcome: string;
    row: string;
  };
  /** The ledger: each row's JSON, and beside it what rows are found by. */
  sluice_usage: {
    id: string;
    request_id: string;
    attempt: number;
    key_id: string | null;
    user_id: string | null;
    row: string;
  };
  /** Sums of the ledger by day and everything else; with a tag, over the rows that have it. */
  sluice_usage_daily: UsageDailyTable;
}

type Whole = number | string | bigint;

/** Text columns hold empty text where a row has none, as a key may hold no NULL. */
type UsageDailyTable = Record<
  "day" | "tag" | "key_id" | "user_id" | "model" | "provider" | "layer" | "operation",
  string
> &
  Record<keyof Omit<UsageTotals, "group">, Whole>;
