import type { Mail } from "./mail.js";

/** More than this does not come early: who sends waits for acknowledgements. */
const MOST_EARLY = 1_000;

/**
 * The mail of one call in the order in which it was sent. A cluster carries messages over any of its nodes, so that one may
 * overtake another.
 */
export class InOrder {
  readonly #hear: (mail: Mail) => void;
  readonly #early = new Map<number, Mail>();
  #next = 0;

  /** @param hear - takes each mail once */
  constructor(hear: (mail: Mail) => void) {
    this.#hear = hear;
  }

  /** The number of the one that is awaited while later ones are there; null while none are. */
  get missing(): number | null {
    return this.#early.size > 0 ? this.#next : null;
  }

  /** Takes one that has come; what comes a second time is passed over. False where too many came before an earlier one. */
  take(mail: Mail): boolean {
    if (mail.n < this.#next) return true;
    this.#early.set(mail.n, mail);
    for (let due = this.#early.get(this.#next); due; due = this.#early.get(this.#next)) {
      this.#early.delete(this.#next);
      this.#next++;
      this.#hear(due);
    }
    return this.#early.size <= MOST_EARLY;
  }
}
