import type { Model } from "../schemas/model.js";

/** Every change to the catalogue made at run time, over what the configuration seeds. */
export interface ModelChanges {
  /** Grows with each change; two loads with equal revisions hold equal entries. */
  readonly revision: number;
  /** A model, or `null` where a seeded model was deleted. */
  readonly entries: ReadonlyMap<string, Model | null>;
}

/** Run-time changes of the model catalogue. Each write is atomic and durable when its promise resolves. */
export interface ModelStore {
  load(): Promise<ModelChanges>;
  /** Adds a model, also over a tombstone. @throws GatewayError `conflict` when a live entry has that id. */
  create(model: Model): Promise<void>;
  /**
   * Reads one entry and writes what `change` makes of it, with no other write between.
   * `change` gets the model, `null` for a tombstone, `undefined` for no entry, and returns the new entry;
   * what it throws is thrown on, and nothing is written. Returns what was written.
   */
  update<Entry extends Model | null>(id: string, change: (current: Model | null | undefined) => Entry): Promise<Entry>;
  /** Forgets every change, tombstones included, so that the seeds show again. */
  reset(): Promise<void>;
}

/** Where the gateway keeps what must outlive the process. */
export interface Store {
  /** A short name for messages, such as `sqlite`. */
  readonly name: string;
  readonly models: ModelStore;
  /** Opens and migrates. Safe to call again. */
  open(): Promise<void>;
  /** Resolves when the store answers. @throws GatewayError `store_unavailable` */
  ping(): Promise<void>;
  close(): Promise<void>;
}
