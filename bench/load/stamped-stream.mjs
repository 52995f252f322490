import { CHUNK_BYTES, closingEvents, STAMP_AT, STAMP_DIGITS } from "../fixtures.mjs";
import { monotonicMs } from "../process/clock.mjs";

const CLOSING = closingEvents({ usage: false });

/** Reads a stream whose chunks hold the time they were sent at. */
export class StampedStream {
  /** When the first chunk had come. */
  firstAt = Number.NaN;
  /** How long each chunk after the first was under way. */
  delays = [];
  #chunks;
  #event = Buffer.alloc(CHUNK_BYTES);
  #filled = 0;
  #read = 0;
  #rest = [];

  constructor(chunks) {
    this.#chunks = chunks;
  }

  push(bytes, start, end) {
    let at = start;
    while (at < end && this.#read < this.#chunks) {
      const taken = bytes.copy(this.#event, this.#filled, at, end);
      this.#filled += taken;
      at += taken;
      if (this.#filled === CHUNK_BYTES) this.#note();
    }
    if (at < end) this.#rest.push(Buffer.from(bytes.subarray(at, end)));
  }

  /** @throws Error when the stream did not end as it has to */
  end() {
    if (!Buffer.concat(this.#rest).equals(CLOSING)) throw new Error(`a stream ended with ${Buffer.concat(this.#rest)}`);
  }

  #note() {
    const now = monotonicMs();
    const sentAt = Number(this.#event.latin1Slice(STAMP_AT, STAMP_AT + STAMP_DIGITS)) / 1e6;
    if (this.#read === 0) this.firstAt = now;
    else this.delays.push(now - sentAt);
    this.#filled = 0;
    this.#read++;
  }
}
