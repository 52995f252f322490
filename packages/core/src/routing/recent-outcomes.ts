const SLOTS = 6;
const SLOT_MS = 5_000;

/** How many calls of late came to something: those of the last half minute, in slots of five seconds. */
export class RecentOutcomes {
  readonly #answered = new Uint32Array(SLOTS);
  readonly #failed = new Uint32Array(SLOTS);
  #newest = 0;

  /** @param now - monotonic, milliseconds */
  add(now: number, isAnswer: boolean): void {
    const slot = Math.floor(now / SLOT_MS);
    if (slot !== this.#newest) this.#forget(slot);
    const counts = isAnswer ? this.#answered : this.#failed;
    counts[slot % SLOTS] = (counts[slot % SLOTS] ?? 0) + 1;
  }

  /** Of at least so many calls, which part failed; 0 of fewer. As of the last one added. */
  failedShare(leastCalls: number): number {
    const failed = sum(this.#failed);
    const calls = failed + sum(this.#answered);
    return calls < leastCalls ? 0 : failed / calls;
  }

  clear(): void {
    this.#answered.fill(0);
    this.#failed.fill(0);
  }

  /** Slots between the last one used and this one are empty. */
  #forget(slot: number): void {
    const gone = Math.min(SLOTS, slot - this.#newest);
    for (let back = 0; back < gone; back++) {
      const index = (slot - back) % SLOTS;
      this.#answered[index] = 0;
      this.#failed[index] = 0;
    }
    this.#newest = slot;
  }
}

function sum(counts: Uint32Array): number {
  return counts.reduce((total, count) => total + count, 0);
}
