import type { LedgerRow } from "../schemas/ledger.js";
import type { Logger } from "../spec/logger.js";
import type { Book, OpenCall } from "./ledger-deps.js";
import type { UsageWriter } from "./usage-writer.js";

/** Without a journal, rows wait for the store in memory alone: a process that is killed loses the last of them. */
export class MemoryBook implements Book {
  readonly #writer: UsageWriter;
  readonly #logger: Logger;
  #dropped = 0;

  constructor(writer: UsageWriter, logger: Logger) {
    this.#writer = writer;
    this.#logger = logger;
  }

  get trouble(): string | null {
    return this.#dropped > 0 ? `${this.#dropped} usage rows were lost: the store took none for too long` : null;
  }

  open(): void {}

  started(): void {}

  ended(_call: OpenCall, row: LedgerRow, then: () => void): void {
    if (!this.#writer.push(row)) this.#drop();
    then();
  }

  written(): void {}

  close(): Promise<void> {
    return this.#writer.close();
  }

  #drop(): void {
    if (this.#dropped++ === 0) this.#logger.error({}, "usage rows are lost: the store takes none and memory is full");
  }
}
