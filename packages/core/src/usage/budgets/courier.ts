import { type Batch, Outbox } from "./outbox.js";
import type { SpendLink } from "./spend-link.js";
import type { Tallies } from "./tally.js";

/** What Redis has not heard of. */
export type Unheard = Pick<Batch, "closed" | "spent">;

/** What a {@link Courier} works with. */
export interface CourierDeps {
  readonly redis: SpendLink;
  readonly tallies: Tallies;
  /** Redis does not answer, or knows nothing of this process; the batch waits. */
  readonly onTrouble: (trouble: "away" | "lost") => void;
}

/**
 * Tells Redis what calls came to, one batch at a time: the next one gathers meanwhile. A batch that was not answered is
 * sent again under its number, so that it counts once.
 */
export class Courier {
  readonly #deps: CourierDeps;
  readonly #outbox = new Outbox();
  #unanswered: Batch | null = null;
  #sending: Promise<void> | null = null;
  #batches = 0;

  constructor(deps: CourierDeps) {
    this.#deps = deps;
  }

  /** A call has ended. See {@link Outbox.add}; it is told with {@link send}. */
  add(...ended: Parameters<Outbox["add"]>): void {
    this.#outbox.add(...ended);
  }

  /** Resolves when all is told, or Redis has failed. */
  send(): Promise<void> {
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = null;
    });
    return this.#sending;
  }

  /** Resolves when nothing is on its way. */
  async idle(): Promise<void> {
    await this.#sending;
  }

  /** Takes everything back, to be told otherwise; nothing may be on its way. */
  takeBack(): Unheard {
    if (this.#unanswered) this.#outbox.putBack(this.#unanswered);
    this.#unanswered = null;
    return this.#outbox.empty();
  }

  /** Tells what was taken back after all. */
  putBack(unheard: Unheard): void {
    this.#outbox.putBack(unheard);
  }

  /** Redis has forgotten which batches it has had. */
  restart(): void {
    this.#batches = 0;
  }

  async #sendAll(): Promise<void> {
    while (this.#unanswered !== null || !this.#outbox.isEmpty) {
      this.#unanswered ??= this.#outbox.take(++this.#batches);
      if (!(await this.#tell(this.#unanswered))) return;
      this.#unanswered = null;
    }
  }

  async #tell(batch: Batch): Promise<boolean> {
    const { redis, tallies, onTrouble } = this.#deps;
    const used = await redis.settle(batch).catch(() => undefined);
    if (!used) {
      onTrouble(used === null ? "lost" : "away");
      return false;
    }
    for (const [counter, { apart, keepMs }] of batch.spent) {
      tallies.takeApart(counter, keepMs, -apart);
      tallies.hear(counter, keepMs, used.get(counter) ?? 0n);
    }
    return true;
  }
}
