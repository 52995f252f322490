import { crc32 } from "node:zlib";

/** What a line tells: a call is being sent, or has ended. */
export type LineKind = "S" | "E";

/** A line read back. */
export interface JournalLine {
  readonly kind: LineKind;
  readonly list: readonly unknown[];
}

const CHECKSUM_DIGITS = 8;
const LINE_FEED = 0x0a;
const USUAL_BYTES = 64 * 1024;
const MOST_BYTES_PER_UNIT = 3;

/**
 * Lines on their way to a file: each a checksum in hex, the kind, a JSON list. They are put together as the bytes they
 * will be, over which the checksum goes; as text they would be copied three times more.
 */
export class Lines {
  #bytes = Buffer.allocUnsafe(USUAL_BYTES);
  #length = 0;

  /** @param list - the inside of the JSON list */
  add(kind: LineKind, list: string): void {
    const text = `${kind}[${list}]`;
    const start = this.#length;
    this.#makeRoom(start + CHECKSUM_DIGITS + text.length * MOST_BYTES_PER_UNIT + 1);
    const bytes = this.#bytes;
    const textStart = start + CHECKSUM_DIGITS;
    const end = textStart + bytes.write(text, textStart);
    writeHex(bytes, start, crc32(bytes.subarray(textStart, end)));
    bytes[end] = LINE_FEED;
    this.#length = end + 1;
  }

  /** Every line since the last time; good until the next is added. */
  take(): Uint8Array {
    const lines = this.#bytes.subarray(0, this.#length);
    this.#length = 0;
    if (this.#bytes.length > USUAL_BYTES) this.#bytes = Buffer.allocUnsafe(USUAL_BYTES);
    return lines;
  }

  #makeRoom(most: number): void {
    if (most <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(most, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}

/** The line as it was written; null for one that was cut off or has been damaged. */
export function readLine(line: string): JournalLine | null {
  const text = line.slice(CHECKSUM_DIGITS);
  if (line.slice(0, CHECKSUM_DIGITS) !== crc32(text).toString(16).padStart(CHECKSUM_DIGITS, "0")) return null;
  const kind = text[0];
  if (kind !== "S" && kind !== "E") return null;
  return { kind, list: JSON.parse(text.slice(1)) as unknown[] }; // the checksum vouches for what wrote it
}

const HEX_DIGITS = Buffer.from("0123456789abcdef");

/** Eight digits. A number's own `toString(16)` counts in floating point, which takes as long as the checksum itself. */
function writeHex(bytes: Buffer, at: number, value: number): void {
  for (let digit = 0; digit < CHECKSUM_DIGITS; digit++) {
    bytes[at + digit] = HEX_DIGITS[(value >>> (28 - 4 * digit)) & 15] as number; // sixteen digits
  }
}
