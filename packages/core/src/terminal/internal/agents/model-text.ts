import { keyShapesRedacted } from "../redact.js";

/** OSC, DCS, PM, APC and SOS with what they hold (ECMA-48 8.3). One without an end hides no line after its own. */
const STRINGS = /(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\n\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?/g;
/** CSI, and every other escape sequence. */
const SEQUENCES = /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?|\x1b[ -/]*[0-~]?/g;
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;
/**
 * What a person does not see and a model reads: bidirectional controls, zero-width characters, tags and the variation
 * selectors that can spell out hidden text.
 */
const INVISIBLE =
  /[\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0d\ufeff\ufff9-\ufffb\u{e0000}-\u{e01ef}]/gu;
const OVERSTRUCK = /[^\n\b]\x08/g;

/** What a program printed, as a model may read it: nothing that acts on a terminal, nothing invisible, no secrets. */
export function modelText(text: string, secrets: readonly string[]): string {
  const still = text
    .replace(STRINGS, "")
    .replace(SEQUENCES, "")
    .replaceAll("\r\n", "\n")
    .replace(OVERSTRUCK, "") // bold and underlined, as man prints it
    .split("\n")
    .map(lastDrawn)
    .join("\n")
    .replace(CONTROLS, "")
    .replace(INVISIBLE, "");
  return keyShapesRedacted(secrets.reduce((rest, secret) => rest.replaceAll(secret, "[redacted]"), still));
}

/** Of a line that was drawn over again, such as a progress bar, what was left to see. */
function lastDrawn(line: string): string {
  const drawn = line.replace(/\r+$/, "");
  return drawn.slice(drawn.lastIndexOf("\r") + 1);
}

/** Text as a person who decides about it must see it: what is invisible, or acts on a terminal, by its number. */
export function visibleText(text: string): string {
  return text.replace(/[\p{C}\u2028\u2029\ufe00-\ufe0f]/gu, (each) =>
    each === "\n" || each === "\t" ? each : `\\u{${(each.codePointAt(0) as number).toString(16)}}`,
  );
}
