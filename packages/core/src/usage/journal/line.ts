import { crc32 } from "node:zlib";

/** What a line tells: a call is being sent, or has ended. */
export type LineKind = "S" | "E";

/** A line read back. */
export interface JournalLine {
  readonly kind: LineKind;
  readonly list: readonly unknown[];
}

const CHECKSUM_DIGITS = 8;
const NO_CHECKSUM = "0".repeat(CHECKSUM_DIGITS);
const USUAL_BYTES = 64 * 1024;
const MOST_BYTES_PER_UNIT = 3;

/**
 * Lines on their way to a file: each a checksum in hex, the kind, a JSON list. All of one write are made into bytes at once,
 * and the checksums go over those.
 */
export class Lines {
  #texts: string[] = [];
  #bytes = Buffer.allocUnsafe(USUAL_BYTES);

  /** @param list - the inside of the JSON list */
  add(kind: LineKind, list: string): void {
    this.#texts.push(`${kind}[${list}]`);
  }

  /** Every line since the last time; good until the next time. */
  take(): Uint8Array {
    const texts = this.#texts;
    this.#texts = [];
    if (texts.length === 0) return this.#bytes.subarray(0, 0);
    const text = `${NO_CHECKSUM}${texts.join(`\n${NO_CHECKSUM}`)}\n`;
    const most = text.length * MOST_BYTES_PER_UNIT;
    if (most > this.#bytes.length || this.#bytes.length > USUAL_BYTES)
      this.#bytes = Buffer.allocUnsafe(Math.max(most, USUAL_BYTES));
    const bytes = this.#bytes;
    const length = bytes.write(text);
    const isAscii = length === text.length;
    let start = 0;
    for (const each of texts) {
      const from = start + CHECKSUM_DIGITS;
      const end = from + (isAscii ? each.length : Buffer.byteLength(each));
      writeHex(bytes, start, crc32(bytes.subarray(from, end)));
      start = end + 1;
    }
    return bytes.subarray(0, length);
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
