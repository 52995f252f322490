import { GatewayError } from "../errors.js";
import type { EntryKind, EntryStore, Store } from "../spec/store.js";
import { memoryAudit } from "./internal/memory-audit.js";
import { type MemoryTable, memoryEntries, newMemoryTable } from "./internal/memory-entries.js";
import { memoryUsage } from "./internal/memory-usage.js";

/**
 * A store that forgets: everything lives in this process. It is the default of the library.
 *
 * @example
 * ```ts
 * const gateway = new Gateway({ store: memoryStore() });
 * ```
 */
export function memoryStore(): Store {
  const tables = new Map<string, MemoryTable<object>>();
  let open = false;

  function assertOpen(): void {
    if (!open) throw new GatewayError("store_unavailable", { details: "the store is not open" });
  }

  return {
    name: "memory",
    forgets: true,
    entries<Entry extends object>({ name }: EntryKind<Entry>): EntryStore<Entry> {
      const table = tables.get(name) ?? newMemoryTable();
      tables.set(name, table);
      return memoryEntries(table as MemoryTable<Entry>, { kind: name, assertOpen }); // one name, one kind of entry
    },
    audit: memoryAudit(assertOpen),
    usage: memoryUsage(assertOpen),
    async open() {
      open = true;
    },
    async ping() {
      assertOpen();
    },
    async close() {
      open = false;
    },
  };
}
