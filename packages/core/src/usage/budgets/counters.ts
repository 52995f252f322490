/** An amount to be put on a counter, and what the counter may hold at most, in picodollars. */
export interface Claim {
  /** Names who and when, such as `key:abc|2026-01-31`. */
  readonly counter: string;
  readonly limit: bigint;
}

/** Where money that is spent or reserved is counted. */
export interface SpendCounters {
  /** Puts `amount` on all counters, or on none where that would exceed one: then the first such claim, else null. */
  reserve(claims: readonly Claim[], amount: bigint): Claim | null | Promise<Claim | null>;
  /** Replaces a reserved amount by what it came to. */
  settle(claims: readonly Claim[], reserved: bigint, spent: bigint): void;
  used(counter: string): bigint | Promise<bigint>;
  /** Sets counters to what the ledger says was spent. What comes in meanwhile, and what is reserved, stays on top. */
  load(read: () => Promise<ReadonlyMap<string, bigint>>): Promise<void>;
}

/** Counters in this process. Nothing waits between looking and taking, so calls at the same time cannot both get the last of it. */
export class MemoryCounters implements SpendCounters {
  #spent = new Map<string, bigint>();
  readonly #reserved = new Map<string, bigint>();
  /** What was spent since a load began; it may be in what is read, and is then counted twice rather than not at all. */
  #meanwhile: Map<string, bigint> | null = null;

  reserve(claims: readonly Claim[], amount: bigint): Claim | null {
    const exceeded = claims.find(({ counter, limit }) => this.used(counter) + amount > limit);
    if (exceeded && amount > 0n) return exceeded;
    for (const { counter } of claims) add(this.#reserved, counter, amount);
    return null;
  }

  settle(claims: readonly Claim[], reserved: bigint, spent: bigint): void {
    for (const { counter } of claims) {
      add(this.#reserved, counter, -reserved);
      add(this.#spent, counter, spent);
      if (this.#meanwhile) add(this.#meanwhile, counter, spent);
    }
  }

  used(counter: string): bigint {
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
