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
}
