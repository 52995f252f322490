import type { Transaction } from "kysely";
import type { StoreTables } from "./store-tables.js";
import type { WithDatabase } from "./with-database.js";

type OpenTransaction = Transaction<StoreTables>;

/** A write that its own caller is to be refused, while the others of its batch go on. */
export class Refusal extends Error {
  readonly reason: unknown;

  constructor(reason: unknown) {
    super("the write was refused");
    this.reason = reason;
  }
}

interface Write {
  readonly run: (transaction: OpenTransaction) => Promise<unknown>;
  readonly resolve: (result: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

/** So few that other instances, which wait for the whole of it, wait well below a second. */
const MAX_BATCH = 50;

/**
 * Writes that would wait for each other's lock, in order and many to a transaction. One by one, a burst of them would
 * take every connection of a pool just to wait, and pay for one commit each.
 */
export class WriteQueue {
  readonly #withDatabase: WithDatabase;
  readonly #begin: (transaction: OpenTransaction) => Promise<() => Promise<void>>;
  #waiting: Write[] = [];
  #draining = false;

  /** @param begin runs first in each transaction; what it returns runs last */
  constructor(withDatabase: WithDatabase, begin: (transaction: OpenTransaction) => Promise<() => Promise<void>>) {
    this.#withDatabase = withDatabase;
    this.#begin = begin;
  }

  /** Resolves with what `run` returned once that is committed. Where `run` throws a {@link Refusal}, its reason is thrown. */
  add<Result>(run: (transaction: OpenTransaction) => Promise<Result>): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      this.#waiting.push({ run, resolve: resolve as Write["resolve"], reject }); // called with what `run` returned
      if (!this.#draining) void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    this.#draining = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, MAX_BATCH);
      this.#waiting = this.#waiting.slice(MAX_BATCH);
      await this.#commit(batch);
    }
    this.#draining = false;
  }

  async #commit(batch: readonly Write[]): Promise<void> {
    let answers: (() => void)[] = [];
    let written = 0;
    try {
      await this.#withDatabase((db) =>
        db.transaction().execute(async (transaction) => {
          answers = [];
          const end = await this.#begin(transaction);
          for (const { run, resolve, reject } of batch) {
            try {
              const result = await run(transaction);
              answers.push(() => resolve(result));
              written++;
            } catch (error) {
              if (!(error instanceof Refusal)) throw error;
              answers.push(() => reject(error.reason));
            }
          }
          if (written === 0) throw new Refusal("nothing to commit"); // rolls back
          await end();
        }),
      );
    } catch (error) {
      if (written > 0 || answers.length < batch.length)
        answers = batch.map(
          ({ reject }) =>
            () =>
              reject(error),
        );
    }
    for (const answer of answers) answer();
  }
}
