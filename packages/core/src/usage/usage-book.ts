import type { Clock } from "../clock.js";
import type { Logger } from "../spec/logger.js";
import type { UsageStore } from "../spec/usage-store.js";
import type { Durability } from "./journal/group-commit.js";
import { Journal } from "./journal/journal.js";
import type { Book } from "./ledger-deps.js";
import { MemoryBook } from "./memory-book.js";
import { nullBook } from "./null-book.js";
import { UsageWriter } from "./usage-writer.js";

/** What a gateway keeps its ledger with. */
export interface UsageBookOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly store: UsageStore;
  readonly enabled: boolean;
  /** Null for none. */
  readonly journalDir: string | null;
  readonly durability: Durability;
}

/** A book, and how to bring what is in it into the store at once. */
export interface UsageBook {
  readonly book: Book;
  flush(): Promise<void>;
}

/** About 20 MB of rows that wait for a store. */
const MAX_WAITING_ROWS = 20_000;

/** The book of a gateway: on disk where it has a directory for it, else in memory. Does no I/O. */
export function usageBook({ enabled, journalDir, durability, store, ...deps }: UsageBookOptions): UsageBook {
  if (!enabled) return { book: nullBook, flush: async () => {} };
  const onWritten = (count: number) => book.written(count);
  const writer = new UsageWriter({ ...deps, store, maxWaiting: MAX_WAITING_ROWS, onWritten });
  const book: Book =
    journalDir === null
      ? new MemoryBook(writer, deps.logger)
      : new Journal({ ...deps, directory: journalDir, durability, writer });
  return { book, flush: () => writer.flush() };
}
