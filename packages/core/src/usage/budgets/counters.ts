/** A counter, and what it may hold at most, in picodollars. */
export interface Claim {
  /** Names who and when, such as `each-key|key:abc|2026-01-31`. */
  readonly counter: string;
  readonly limit: bigint;
  /** For how many milliseconds after its last use the counter may still be needed. */
  readonly keepMs: number;
}

/** Money put aside for one upstream call, in picodollars. */
export interface Reservation {
  readonly amount: bigint;
  readonly claims: readonly Claim[];
}

/** Where money that is spent or reserved is counted. */
export interface SpendCounters {
  /**
   * Puts the amount on all counters, or on none where that would exceed one: then the first such claim, else null. A
   * promise only where counters are shared. What costs nothing always fits.
   */
  reserve(reservation: Reservation): Claim | null | Promise<Claim | null>;
  /** Replaces what was reserved, by the same object, by what it came to. */
  settle(reservation: Reservation, spent: bigint): void;
  /** Spent and reserved. */
  used(counter: string): bigint | Promise<bigint>;
  /** The same as far as this process knows it, without asking anybody. */
  known(counter: string): bigint;
  /** Sets counters to what the ledger says was spent. What comes in meanwhile, and what is reserved, stays on top. */
  load(read: () => Promise<ReadonlyMap<string, bigint>>): Promise<void>;
  close?(): Promise<void>;
}

/** Counters in this process. Nothing waits between looking and taking, so calls at the same time cannot both get the last of it. */
export class MemoryCounters implements SpendCounters {
  #spent = new Map<string, bigint>();
  readonly #reserved = new Map<string, bigint>();
  /** What was spent since a load began; it may be in what is read, and is then counted twice rather than not at all. */
  #meanwhile: Map<string, bigint> | null = null;

  reserve({ claims, amount }: Reservation): Claim | null {
    const exceeded = claims.find(({ counter, limit }) => this.known(counter) + amount > limit);
    if (exceeded && amount > 0n) return exceeded;
    for (const { counter } of claims) add(this.#reserved, counter, amount);
    return null;
  }

  settle({ claims, amount }: Reservation, spent: bigint): void {
    for (const { counter } of claims) {
      add(this.#reserved, counter, -amount);
      add(this.#spent, counter, spent);
      if (this.#meanwhile) add(this.#meanwhile, counter, spent);
    }
  }

  used(counter: string): bigint {
    return this.known(counter);
  }

  known(counter: string): bigint {
    return (this.#spent.get(counter) ?? 0n) + (this.#reserved.get(counter) ?? 0n);
  }

  async load(read: () => Promise<ReadonlyMap<string, bigint>>): Promise<void> {
    const meanwhile = new Map<string, bigint>();
    this.#meanwhile = meanwhile;
    try {
      const spent = new Map(await read());
      for (const [counter, amount] of meanwhile) add(spent, counter, amount);
      this.#spent = spent;
    } finally {
      if (this.#meanwhile === meanwhile) this.#meanwhile = null;
    }
  }
}

function add(counters: Map<string, bigint>, counter: string, amount: bigint): void {
  const sum = (counters.get(counter) ?? 0n) + amount;
  if (sum === 0n) counters.delete(counter);
  else counters.set(counter, sum);
}
