import type { Clock } from "../clock.js";
import type { LedgerRow } from "../schemas/ledger.js";
import type { Logger } from "../spec/logger.js";
import type { UsageStore } from "../spec/usage-store.js";

const BATCH_ROWS = 500;
const EVERY_MS = 250;
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 30_000;

/** What a writer works with. */
export interface UsageWriterDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly store: Pick<UsageStore, "append">;
  /** How many rows may wait in memory. */
  readonly maxWaiting: number;
  /** Told of the rows that the store has taken, in the order in which they were pushed. */
  readonly onWritten?: ((count: number) => void) | undefined;
}

/**
 * Brings rows into the store in batches: each 250 ms, or as soon as there are 500. A batch that fails is tried again,
 * later and later, and none is dropped before the store has taken it.
 */
export class UsageWriter {
  readonly #deps: UsageWriterDeps;
  #waiting: LedgerRow[] = [];
  #cancel: (() => void) | null = null;
  #writing: Promise<void> | null = null;
  #retryMs = 0;
  #closed = false;

  constructor(deps: UsageWriterDeps) {
    this.#deps = deps;
  }

  /** Rows that the store has not taken yet. */
  get waiting(): readonly LedgerRow[] {
    return this.#waiting;
  }

  /** How many more rows may wait. */
  get room(): number {
    return this.#deps.maxWaiting - this.#waiting.length;
  }

  /** Whether the store has refused the last batch. */
  get failing(): boolean {
    return this.#retryMs > 0;
  }

  /** Takes a row; false where too many wait already. */
  push(row: LedgerRow): boolean {
    if (this.#waiting.length >= this.#deps.maxWaiting) return false;
    this.#waiting.push(row);
    if (this.#writing !== null) return true;
    if (this.#waiting.length >= BATCH_ROWS && !this.failing) this.#start();
    else this.#cancel ??= this.#deps.clock.after(this.#retryMs || EVERY_MS, () => this.#start());
    return true;
  }

  /** Writes what waits now. Resolves also where that fails; {@link failing} says so. */
  async flush(): Promise<void> {
    for (let left = this.#waiting.length; left > 0; left -= BATCH_ROWS) {
      await (this.#writing ?? this.#start());
      if (this.failing) return;
    }
    await this.#writing;
  }

  /** Writes what waits, once, and takes no more. */
  async close(): Promise<void> {
    await this.flush();
    this.#closed = true;
    this.#cancel?.();
  }

  #start(): Promise<void> {
    this.#cancel?.();
    this.#cancel = null;
    this.#writing ??= this.#write().finally(() => {
      this.#writing = null;
      if (this.#waiting.length > 0 && !this.#closed) {
        const wait = this.failing ? this.#retryMs : this.#waiting.length >= BATCH_ROWS ? 0 : EVERY_MS;
        this.#cancel = this.#deps.clock.after(wait, () => this.#start());
      }
    });
    return this.#writing;
  }

  async #write(): Promise<void> {
    const { store, logger, onWritten } = this.#deps;
    const batch = this.#waiting.slice(0, BATCH_ROWS);
    try {
      await store.append(batch);
    } catch (error) {
      if (!this.failing)
        logger.warn({ err: error, rows: this.#waiting.length }, "the store takes no usage rows; they wait");
      this.#retryMs = Math.min(LAST_RETRY_MS, this.#retryMs * 2 || FIRST_RETRY_MS);
      return;
    }
    this.#retryMs = 0;
    this.#waiting = this.#waiting.slice(batch.length);
    onWritten?.(batch.length);
  }
}
