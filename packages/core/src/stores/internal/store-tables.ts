/** The tables of a store, as the query builder sees them. Migrations make them; both SQL stores share them. */
export interface StoreTables {
  /** Changes of the model catalogue: a model's JSON, or NULL for a tombstone. */
  sluice_models: {
    id: string;
    model: string | null;
  };
  /** One counter for each kind of entry that instances keep a snapshot of. */
  sluice_revisions: {
    name: string;
    /** Postgres hands 64-bit integers over as text. */
    revision: number | string | bigint;
  };
}
