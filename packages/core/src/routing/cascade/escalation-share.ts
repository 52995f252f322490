/** How many escalations may be saved up. */
const MOST_SAVED = 10;

/** Shares such as 0.1 add up to a hair less than one. */
const ONE = 1 - 1e-9;

/** Caps the share of requests that escalate: each request earns a share of one escalation, and each escalation costs one. */
export class EscalationShare {
  readonly #share: number | null;
  #saved = 0;

  /** @param share - 0 to 1; null for no cap */
  constructor(share: number | null) {
    this.#share = share;
  }

  /** Books one request. */
  earn(): void {
    if (this.#share !== null) this.#saved = Math.min(MOST_SAVED, this.#saved + this.#share);
  }

  /** Whether one could be taken, with what the next request earns. */
  get hasRoom(): boolean {
    return this.#share === null || this.#saved + this.#share >= ONE;
  }

  /** Gives back one that was taken and not used. */
  giveBack(): void {
    if (this.#share !== null) this.#saved = Math.min(MOST_SAVED, this.#saved + 1);
  }

  /** Takes one escalation; false where none is left. */
  take(): boolean {
    if (this.#share === null) return true;
    if (this.#saved < ONE) return false;
    this.#saved -= 1;
    return true;
  }
}
