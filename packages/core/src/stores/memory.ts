import { GatewayError } from "../errors.js";
import type { Model } from "../schemas/model.js";
import type { ModelStore, Store } from "../spec/store.js";

/**
 * A store that forgets: everything lives in this process. It is the default of the library.
 *
 * @example
 * ```ts
 * const gateway = new Gateway({ store: memoryStore() });
 * ```
 */
export function memoryStore(): Store {
  let entries = new Map<string, Model | null>();
  let revision = 0;
  let open = false;

  function assertOpen(): void {
    if (!open) throw new GatewayError("store_unavailable", { details: "the store is not open" });
  }

  // Nothing waits between reading and writing an entry, so each write is atomic. Entries are copied on the way in
  // and out: a caller that changes its object changes nothing here.
  const models: ModelStore = {
    async load() {
      assertOpen();
      return { revision, entries: structuredClone(entries) };
    },
    async create(model) {
      assertOpen();
      if (entries.get(model.id)) {
        throw new GatewayError("conflict", { details: `model ${model.id} exists already` });
      }
      entries.set(model.id, structuredClone(model));
      revision++;
    },
    async update(id, change) {
      assertOpen();
      const entry = change(structuredClone(entries.get(id)));
      entries.set(id, structuredClone(entry));
      revision++;
      return entry;
    },
    async reset() {
      assertOpen();
      entries = new Map();
      revision++;
    },
  };

  return {
    name: "memory",
    models,
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
