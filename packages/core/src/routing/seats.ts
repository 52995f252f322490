/** Something that can sit in {@link Seats}. */
export interface Seated {
  /** Its place, -1 for none; kept by {@link Seats}. */
  seat: number;
}

/**
 * A set for entries that come and go with every request. A `Set` under that churn leaves a chain of outgrown tables,
 * which keeps dead requests alive until a full collection; here an entry knows its own place and leaves no trace.
 */
export class Seats<Entry extends Seated> {
  readonly #entries: Entry[] = [];

  get size(): number {
    return this.#entries.length;
  }

  add(entry: Entry): void {
    if (entry.seat >= 0) return;
    entry.seat = this.#entries.push(entry) - 1;
  }

  delete(entry: Entry): void {
    const { seat } = entry;
    if (seat < 0) return;
    entry.seat = -1;
    const last = this.#entries.pop();
    if (last === undefined || last === entry) return;
    last.seat = seat;
    this.#entries[seat] = last;
  }

  /** The entries as they are now; whoever walks the copy may add and delete meanwhile. */
  snapshot(): readonly Entry[] {
    return this.#entries.slice();
  }
}
