import type { LedgerRow } from "../schemas/ledger.js";
import type { UsageGroup, UsageTotals } from "../schemas/usage-totals.js";

/** Whose rows are asked for; what is left out does not narrow. */
export interface UsageFilter {
  readonly key?: string | undefined;
  readonly user?: string | undefined;
}

/** A page of requests. */
export interface RequestsQuery {
  /** Only requests whose first row is older than the one of this id: the last of the page before. */
  readonly before?: string | undefined;
  /** Only requests since then, milliseconds since the epoch. */
  readonly from?: number | undefined;
  /** Only requests before then. */
  readonly to?: number | undefined;
  /** How many requests at most. */
  readonly limit: number;
  readonly filter?: UsageFilter | undefined;
}

/** Sums to be made. */
export interface TotalsQuery {
  /** The first day, `2026-01-31`. */
  readonly from: string;
  /** The last day. */
  readonly to: string;
  /** What there is a sum for each of. By tag, a call counts for each of its tags. */
  readonly groupBy: readonly UsageGroup[];
  readonly filter?: UsageFilter | undefined;
}

/** The ledger: rows are added and read, never changed. */
export interface UsageStore {
  /** Adds rows, all or none; one whose id is there already is left as it is and counted once, so that a batch may be sent again. */
  append(rows: readonly LedgerRow[]): Promise<void>;
  /** The rows of each request, from the newest request to the oldest, by its first call. */
  requests(query: RequestsQuery): Promise<readonly (readonly LedgerRow[])[]>;
  /** The rows of one request in order; none where there is no such request. */
  request(requestId: string): Promise<readonly LedgerRow[]>;
  /** Sums by day, key, user, model, and so on, in the order of what they are grouped by. Days are UTC. */
  totals(query: TotalsQuery): Promise<readonly UsageTotals[]>;
}
