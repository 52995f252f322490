/** A link of the chain in {@link Recent}. */
interface Link<Value> {
  key: string;
  value: Value;
  newer: Link<Value> | null;
  older: Link<Value> | null;
}

/**
 * A map that knows which of its entries was set or asked for longest ago. Moving an entry to the front changes links only: a
 * `Map` that is deleted from and added to with every request leaves garbage behind. And the oldest one is at hand, where
 * a `Map` walks past all that was deleted before it: five microseconds each time, where ten thousand are kept.
 */
export class Recent<Value> {
  readonly #links = new Map<string, Link<Value>>();
  #newest: Link<Value> | null = null;
  #oldest: Link<Value> | null = null;

  get size(): number {
    return this.#links.size;
  }

  /** The entry, which is the most recent from now on. */
  get(key: string): Value | undefined {
    const link = this.#links.get(key);
    if (!link) return undefined;
    if (link !== this.#newest) {
      this.#unlink(link);
      this.#linkFirst(link);
    }
    return link.value;
  }

  /** Adds or replaces an entry, which is the most recent from now on. */
  set(key: string, value: Value): void {
    if (this.add(key, value)) return;
    this.get(key);
    if (this.#newest) this.#newest.value = value;
  }

  /** Adds an entry, which is the most recent from now on; false, and nothing changes, where there is one of this key. */
  add(key: string, value: Value): boolean {
    if (this.#links.has(key)) return false;
    const link = { key, value, newer: null, older: null };
    this.#links.set(key, link);
    this.#linkFirst(link);
    return true;
  }

  /** Gives an entry another key, under which it is the most recent from now on: a flood of new keys leaves less behind. */
  rename(key: string, to: string): void {
    const link = this.#links.get(key);
    if (!link) return;
    this.#links.delete(key);
    link.key = to;
    this.#links.set(to, link);
    this.get(to);
  }

  /** Forgets the oldest entries until there are at most so many. */
  shrinkTo(most: number): void {
    while (this.size > most && this.#oldest) {
      this.#links.delete(this.#oldest.key);
      this.#unlink(this.#oldest);
    }
  }

  delete(key: string): void {
    const link = this.#links.get(key);
    if (!link) return;
    this.#links.delete(key);
    this.#unlink(link);
  }

  /** Entries from the one asked for longest ago on. The current one may be deleted meanwhile. */
  *fromOldest(): Generator<readonly [key: string, value: Value]> {
    for (let link = this.#oldest; link; ) {
      const { key, value, newer } = link;
      yield [key, value];
      link = newer;
    }
  }

  /** From the oldest on. */
  values(): Value[] {
    return Array.from(this.fromOldest(), ([, value]) => value);
  }

  #linkFirst(link: Link<Value>): void {
    link.older = this.#newest;
    if (this.#newest) this.#newest.newer = link;
    this.#newest = link;
    this.#oldest ??= link;
  }

  #unlink(link: Link<Value>): void {
    if (link.newer) link.newer.older = link.older;
    else this.#newest = link.older;
    if (link.older) link.older.newer = link.newer;
    else this.#oldest = link.newer;
    link.newer = null; // what is forgotten must not keep alive what came after it
    link.older = null;
  }
}
