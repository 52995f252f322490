import { crc32 } from "node:zlib";

/** What a line tells: a call is being sent, or has ended. */
export type LineKind = "S" | "E";

/** A line read back. */
export interface JournalLine {
  readonly kind: LineKind;
  readonly list: readonly unknown[];
}

const CHECKSUM_DIGITS = 8;

/** A line: a checksum in hex, the kind, a JSON list. */
export function journalLine(kind: LineKind, list: string): string {
  const text = `${kind}[${list}]`;
  return `${crc32(text).toString(16).padStart(CHECKSUM_DIGITS, "0")}${text}\n`;
}

/** The line as it was written; null for one that was cut off or has been damaged. */
export function readLine(line: string): JournalLine | null {
  const text = line.slice(CHECKSUM_DIGITS);
  if (line.slice(0, CHECKSUM_DIGITS) !== crc32(text).toString(16).padStart(CHECKSUM_DIGITS, "0")) return null;
  const kind = text[0];
  if (kind !== "S" && kind !== "E") return null;
  return { kind, list: JSON.parse(text.slice(1)) as unknown[] }; // the checksum vouches for what wrote it
}
