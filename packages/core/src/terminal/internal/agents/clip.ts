/** Beginnings say what a program does, ends how it went: more is kept of the end. */
const HEAD_PART = 3 / 8;

/** A text, short enough for a model. */
export interface Clipped {
  readonly text: string;
  /** Characters left out in its middle, and where they begin; null for none. */
  readonly omitted: { readonly from: number; readonly to: number } | null;
}

/** The head and the tail of a text that is too long, cut between lines where there are some nearby. */
export function clip(text: string, limit: number): Clipped {
  if (text.length <= limit) return { text, omitted: null };
  const from = lineBefore(text, Math.floor(limit * HEAD_PART));
  const to = lineAfter(text, text.length - (limit - Math.floor(limit * HEAD_PART)));
  const mark = `[${to - from} characters omitted]\n`;
  return {
    text: `${text.slice(0, from)}${from > 0 && text[from - 1] !== "\n" ? "\n" : ""}${mark}${text.slice(to)}`,
    omitted: { from, to },
  };
}

/** How many characters each of two texts may have when both share a limit: what one does not need the other gets. */
export function shared(limit: number, one: string, other: string): readonly [number, number] {
  const half = Math.floor(limit / 2);
  if (one.length <= half) return [one.length, limit - one.length];
  if (other.length <= half) return [limit - other.length, other.length];
  return [limit - half, half];
}

/** A line's length within which a cut is moved to its end. */
const NEAR = 200;

function lineBefore(text: string, at: number): number {
  const line = text.lastIndexOf("\n", at - 1) + 1;
  return whole(text, at - line <= NEAR && line > 0 ? line : at);
}

function lineAfter(text: string, at: number): number {
  const line = text.indexOf("\n", at) + 1;
  return whole(text, line > 0 && line - at <= NEAR && line < text.length ? line : at);
}

/** Never between the halves of a surrogate pair. */
function whole(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff ? at + 1 : at;
}
