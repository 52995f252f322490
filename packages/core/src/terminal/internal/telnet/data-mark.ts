import { DATA_MARK } from "./codes.js";

/** What a terminal's keys for interrupt, quit and suspend send. */
const INTERRUPTS = [0x03, 0x1c, 0x1a];

/**
 * Takes out the data mark that a server sends after an interrupt (the Synch of RFC 854). Its IAC comes as urgent data,
 * which Node.js has no way to read, so that the mark looks like a character; but reading always stops where urgent data
 * stands, so that it can only be the first byte of a piece.
 */
export class DataMarks {
  #expected = false;

  /** A command that interrupts is sent. */
  expect(): void {
    this.#expected = true;
  }

  /** Keys are sent. */
  sentKeys(bytes: Uint8Array): void {
    if (bytes.some((byte) => INTERRUPTS.includes(byte))) this.expect();
  }

  /** A piece as it was received, without a mark that was expected. */
  clean(bytes: Uint8Array): Uint8Array {
    if (!this.#expected || bytes[0] !== DATA_MARK) return bytes;
    this.#expected = false;
    return bytes.subarray(1);
  }
}
