/** A longer text would be kept alive for nothing. */
const MOST_KEPT = 64 * 1024;

let lastText = "";
let lastLength = 0;

/** Bytes of a text in UTF-8. A body is asked for twice in a row, by what books a call and by what sends it, and counted once. */
export function utf8Length(text: string): number {
  if (text === lastText) return lastLength;
  const length = Buffer.byteLength(text);
  if (text.length <= MOST_KEPT) {
    lastText = text;
    lastLength = length;
  }
  return length;
}
