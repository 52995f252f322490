import type { z } from "zod";
import type { AuditStore } from "./audit-store.js";
import type { UsageStore } from "./usage-store.js";

/** A kind of entry that every instance keeps a snapshot of, such as models, users or settings. */
export interface EntryKind<Entry extends object> {
  /** What stores file the entries under; never changed once released. */
  readonly name: string;
  /** Reads what a store kept: a row may have been edited or damaged, or be of another version. */
  readonly schema: z.ZodType<Entry>;
  /** The id within the entry, where it has one: tells an entry that stands under another's id. */
  idOf?(entry: Entry): string;
}

/** Every entry of one kind at one moment. */
export interface Entries<Entry extends object> {
  /** Grows with each change; two loads with equal revisions hold equal entries. */
  readonly revision: number;
  /** By id; `null` is a tombstone, which hides an entry that comes from elsewhere, such as the configuration. */
  readonly entries: ReadonlyMap<string, Entry | null>;
}

/** The entries of one kind. Each write is atomic and durable when its promise resolves. */
export interface EntryStore<Entry extends object> {
  /** @throws GatewayError `store_unavailable`, naming the row where one is damaged */
  load(): Promise<Entries<Entry>>;
  /** Adds an entry, also over a tombstone. @throws GatewayError `conflict` when a live entry has that id. */
  create(id: string, entry: Entry): Promise<void>;
  /**
   * Reads one entry and writes what `change` makes of it, with no other write between.
   * `change` gets and returns an entry, `null` for a tombstone, or `undefined` for nothing under that id. What it
   * throws is thrown on, and nothing is written. Returns what was written.
   */
  update<Next extends Entry | null | undefined>(
    id: string,
    change: (current: Entry | null | undefined) => Next,
  ): Promise<Next>;
  /** Forgets every entry, tombstones included. */
  reset(): Promise<void>;
}

/** Tells that entries of a kind are at a revision, which is news to whoever holds an older one. */
export type ChangeNotice = (kind: string, revision: number) => void;

/** Where the gateway keeps what must outlive the process. */
export interface Store {
  /** A short name for messages, such as `sqlite`. */
  readonly name: string;
  /** True where nothing outlives the process. @defaultValue false */
  readonly forgets?: boolean | undefined;
  /** The entries of one kind. Cheap, and possible before `open`. */
  entries<Entry extends object>(kind: EntryKind<Entry>): EntryStore<Entry>;
  readonly audit: AuditStore;
  readonly usage: UsageStore;
  /**
   * Reports what other instances change, from now until the returned function is called; a change may be reported
   * late, more than once and together with others, but is reported. Left out where there are no other instances.
   */
  subscribe?(onChange: ChangeNotice): () => void;
  /** Told what this instance has written, where others hear of it in another way than by the store itself. */
  announce?(kind: string, revision: number): void;
  /** Opens and migrates. Safe to call again. */
  open(): Promise<void>;
  /** Resolves when the store answers. @throws GatewayError `store_unavailable` */
  ping(): Promise<void>;
  close(): Promise<void>;
}
