/** What a process knows of one counter that it shares with others. */
export interface Tally {
  /** What Redis said last that it holds, over all processes. */
  heard: bigint;
  /** What this process reserved or spent without Redis knowing. */
  apart: bigint;
  readonly keepMs: number;
  /** When it was last reserved on or spent from here. */
  usedAt: number;
}

/** What is known of every counter lately used, for when Redis is away. */
export class Tallies {
  readonly #tallies = new Map<string, Tally>();
  readonly #now: () => number;

  /** @param now milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Everything known to be on a counter. */
  known(counter: string): bigint {
    const tally = this.#tallies.get(counter);
    return tally ? tally.heard + tally.apart : 0n;
  }

  /** How much one of so many instances may take on a counter while they cannot count together: its part of what was left. */
  room(counter: string, limit: bigint, instances: bigint): bigint {
    const tally = this.#tallies.get(counter);
    const left = limit - (tally?.heard ?? 0n);
    const share = left > 0n ? (left + instances - 1n) / instances : 0n;
    return share - (tally?.apart ?? 0n);
  }

  /** Redis has said what a counter holds. */
  hear(counter: string, keepMs: number, used: bigint): void {
    this.#of(counter, keepMs).heard = used;
  }

  /** Counts what Redis has yet to hear of. */
  takeApart(counter: string, keepMs: number, amount: bigint): void {
    this.#used(counter, keepMs).apart += amount;
  }

  /** Corrects what Redis said, as it will when it is told. */
  correct(counter: string, keepMs: number, difference: bigint): void {
    this.#used(counter, keepMs).heard += difference;
  }

  /** Counters that were used here lately. */
  usedWithin(ms: number): readonly string[] {
    const since = this.#now() - ms;
    return [...this.#tallies].filter(([, { usedAt }]) => usedAt >= since).map(([counter]) => counter);
  }

  /** Forgets counters of windows that are over. */
  forgetOld(): void {
    const now = this.#now();
    for (const [counter, { keepMs, usedAt }] of this.#tallies) {
      if (usedAt + keepMs < now) this.#tallies.delete(counter);
    }
  }

  #used(counter: string, keepMs: number): Tally {
    const tally = this.#of(counter, keepMs);
    tally.usedAt = this.#now();
    return tally;
  }

  #of(counter: string, keepMs: number): Tally {
    const tally = this.#tallies.get(counter) ?? { heard: 0n, apart: 0n, keepMs, usedAt: this.#now() };
    this.#tallies.set(counter, tally);
    return tally;
  }
}
