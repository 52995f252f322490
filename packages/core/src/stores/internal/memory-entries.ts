import type { EntryStore } from "../../spec/store.js";
import { entryExists } from "./entry-exists.js";

/** The entries of one kind, as a memory store holds them. */
export interface MemoryTable<Entry extends object> {
  readonly entries: Map<string, Entry | null>;
  revision: number;
}

export function newMemoryTable<Entry extends object>(): MemoryTable<Entry> {
  return { entries: new Map(), revision: 0 };
}

/**
 * Entries in memory. Nothing waits between reading and writing one, so each write is atomic. Entries are copied on the
 * way in and out: a caller that changes its object changes nothing here.
 */
export function memoryEntries<Entry extends object>(
  table: MemoryTable<Entry>,
  { kind, assertOpen }: { readonly kind: string; readonly assertOpen: () => void },
): EntryStore<Entry> {
  const { entries } = table;
  return {
    async load() {
      assertOpen();
      return { revision: table.revision, entries: structuredClone(entries) };
    },
    async create(id, entry) {
      assertOpen();
      if (entries.get(id)) throw entryExists(kind, id);
      entries.set(id, structuredClone(entry));
      table.revision++;
    },
    async update(id, change) {
      assertOpen();
      const next = change(structuredClone(entries.get(id)));
      if (next === undefined) entries.delete(id);
      else entries.set(id, structuredClone(next));
      table.revision++;
      return next;
    },
    async reset() {
      assertOpen();
      entries.clear();
      table.revision++;
    },
  };
}
