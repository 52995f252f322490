/** Holds the bytes of an answer against what it has to be, as they come. */
export class ExpectedBody {
  /** Bytes that have come so far. */
  offset = 0;
  #expected;

  constructor(expected) {
    this.#expected = expected;
  }

  /** @throws Error at the first byte that differs */
  push(bytes, start, end) {
    const next = this.offset + (end - start);
    if (next > this.#expected.length || this.#expected.compare(bytes, start, end, this.offset, next) !== 0) {
      throw new Error(`the answer differs after byte ${this.offset}: ${bytes.latin1Slice(start, end).slice(0, 300)}`);
    }
    this.offset = next;
  }

  /** @throws Error when bytes are missing */
  end() {
    const missing = this.#expected.length - this.offset;
    this.offset = 0;
    if (missing > 0) throw new Error(`the answer ended ${missing} bytes early`);
  }
}
