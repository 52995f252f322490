import { createHash } from "node:crypto";

const TOLD_AFTER = 3;

/** Notices a model that does the same again and again. */
export class LoopGuard {
  #last = "";
  #times = 0;

  /** How often in a row this has been done with this result, from the third time on; null before. */
  again(...what: readonly string[]): number | null {
    const print = createHash("sha256").update(JSON.stringify(what)).digest("base64");
    this.#times = print === this.#last ? this.#times + 1 : 1;
    this.#last = print;
    return this.#times >= TOLD_AFTER ? this.#times : null;
  }
}
