import { join } from "node:path";
import { GatewayError, isGatewayError } from "../errors.js";
import { type Logger, silentLogger } from "../spec/logger.js";
import type { Entries, EntryKind, EntryStore, Store } from "../spec/store.js";
import { SnapshotFile } from "./internal/snapshot-file.js";

/** Options of {@link snapshotStore}. */
export interface SnapshotStoreOptions {
  /** Where the data really is, such as a `postgresStore`. */
  readonly store: Store;
  /** Where to save what was last read of it; made where it is missing, readable by its owner alone. */
  readonly directory: string;
  /** Where to tell that a start had to do without the store. @defaultValue nowhere */
  readonly logger?: Logger | undefined;
}

/**
 * A store that can be started without its database: it saves what it reads, and where the database does not answer at
 * the start it serves that. Writes wait for the database, as ever; it is found again without a restart. A first start,
 * with nothing saved, is refused.
 *
 * @example
 * ```ts
 * const store = snapshotStore({ store: postgresStore({ url }), directory: "/var/lib/sluice/snapshots" });
 * ```
 */
export function snapshotStore({ store, directory, logger = silentLogger }: SnapshotStoreOptions): Store {
  const files = new Map<string, SnapshotFile<object>>();
  const saving = new Set<Promise<void>>();
  let isOpen = false;
  let opening: Promise<void> | null = null;

  function assertOpen(): void {
    if (!isOpen) throw new GatewayError("store_unavailable", { details: "the store is not open" });
  }

  async function inner(): Promise<Store> {
    assertOpen();
    opening ??= store.open().catch((error: unknown) => {
      opening = null; // the next use tries again
      throw error;
    });
    await opening;
    return store;
  }

  function fileOf<Entry extends object>(kind: EntryKind<Entry>): SnapshotFile<Entry> {
    const { name } = kind;
    const file = files.get(name) ?? new SnapshotFile(join(directory, `${encodeURIComponent(name)}.json`), kind);
    files.set(name, file as SnapshotFile<object>); // one name, one kind of entry
    return file as SnapshotFile<Entry>;
  }

  function save<Entry extends object>(file: SnapshotFile<Entry>, held: Entries<Entry>, name: string): void {
    const saved = file
      .save(held)
      .catch((error: unknown) => logger.warn({ err: error }, `the ${name} could not be saved`))
      .finally(() => saving.delete(saved));
    saving.add(saved);
  }

  function entries<Entry extends object>(kind: EntryKind<Entry>): EntryStore<Entry> {
    const file = fileOf(kind);
    let reached = false; // from then on what was saved is the past

    async function using<Result>(work: (entries: EntryStore<Entry>) => Promise<Result>): Promise<Result> {
      const result = await work((await inner()).entries(kind));
      reached = true;
      return result;
    }

    return {
      async load() {
        assertOpen();
        try {
          const held = await using((live) => live.load());
          save(file, held, kind.name);
          return held;
        } catch (error) {
          const saved = reached || !isUnavailable(error) ? null : await file.read();
          if (saved === null) throw error;
          logger.warn({ err: error }, `serving the ${kind.name} that were saved last`);
          return saved;
        }
      },
      create: (id, entry) => using((live) => live.create(id, entry)),
      update: (id, change) => using((live) => live.update(id, change)),
      reset: () => using((live) => live.reset()),
    };
  }

  return {
    name: store.name,
    forgets: store.forgets,
    entries,
    audit: {
      append: async (rows) => (await inner()).audit.append(rows),
      list: async (query) => (await inner()).audit.list(query),
    },
    usage: {
      append: async (rows) => (await inner()).usage.append(rows),
      requests: async (query) => (await inner()).usage.requests(query),
      request: async (requestId) => (await inner()).usage.request(requestId),
      totals: async (query) => (await inner()).usage.totals(query),
    },
    ...(store.subscribe ? { subscribe: (onChange) => store.subscribe?.(onChange) ?? (() => {}) } : {}),
    async open() {
      isOpen = true;
      // Whether a start can do without the store is known when it is asked for entries.
      await inner().catch((error: unknown) => {
        if (isUnavailable(error)) return;
        isOpen = false;
        throw error;
      });
    },
    ping: async () => (await inner()).ping(),
    async close() {
      isOpen = false;
      await Promise.all([opening?.catch(() => {}), ...saving]);
      opening = null;
      await store.close();
    },
  };
}

function isUnavailable(error: unknown): boolean {
  return isGatewayError(error) && error.code === "store_unavailable";
}
