import { canonicalAnswer } from "./canonical-answer.js";

/** A whole text up to this length is an answer itself. */
const SHORT = 40;
/** What is found behind a marker is an answer up to this length; more is prose, and prose is never compared. */
const LONGEST = 200;

/**
 * The final answer a text arrives at, in a form that can be compared with another text's; null where there is none.
 * Numbers are `N:…`, option letters `L:…`, everything else `T:…`: answers of different kinds are different answers.
 */
export function finalAnswer(text: string): string | null {
  const trimmed = text.trim();
  for (const find of FINDERS) {
    const found = find(trimmed);
    if (found !== null && found.length <= LONGEST) return canonicalAnswer(found);
  }
  return null;
}

type Finder = (text: string) => string | null;

/** Where an answer may stand, the most explicit place first. */
const FINDERS: readonly Finder[] = [
  jsonField,
  lastBoxed,
  (text) => firstLine(behindLast(text, /#{4}/g)),
  (text) => firstLine(behindLast(text, /\banswer(?:\s+is)?\s*[:=]|\banswer\s+is\b/gi)),
  (text) => (text !== "" && text.length < SHORT ? text : null),
  lastNumber,
];

const FIELD = /"answer"\s*:\s*("(?:[^"\\]|\\.)*"|-?[\d.,]+|true|false|null|\[[^\]]*\]|\{[^}]*\})/g;

/** The field `answer` of a JSON object, also of one that is cut off or stands among prose. */
function jsonField(text: string): string | null {
  const literal = [...text.matchAll(FIELD)].at(-1)?.[1];
  if (literal === undefined) return null;
  if (!literal.startsWith('"')) return literal;
  if (/\\[a-z]{2}/.test(literal)) return lastBoxed(literal) ?? literal.slice(1, -1); // LaTeX, whose commands are no escapes
  return String(JSON.parse(literal));
}

/** What the last `\boxed{…}` holds, with its braces balanced. */
function lastBoxed(text: string): string | null {
  const start = text.lastIndexOf("\\boxed{");
  if (start < 0) return null;
  const from = start + "\\boxed{".length;
  let depth = 1;
  for (let at = from; at < text.length; at++) {
    if (text[at] === "{") depth++;
    else if (text[at] === "}" && --depth === 0) return text.slice(from, at);
  }
  return null;
}

function behindLast(text: string, marker: RegExp): string | null {
  const last = [...text.matchAll(marker)].at(-1);
  return last ? text.slice(last.index + last[0].length) : null;
}

function firstLine(text: string | null): string | null {
  const line = text?.trim().split("\n", 1)[0]?.trim();
  return line ? line : null;
}

const NUMBER = /[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?/g;
/** How a line that draws a conclusion begins, or what it holds. */
const CONCLUSION = /^\W*(?:therefore|thus|so|hence|in total|in conclusion|finally|answer|result|total)\b|[=≈]/i;

/** The last number of the last line, where that line draws a conclusion: free text ends in numbers that answer nothing. */
function lastNumber(text: string): string | null {
  const line = text.slice(text.lastIndexOf("\n") + 1);
  return CONCLUSION.test(line) ? (line.match(NUMBER)?.at(-1) ?? null) : null;
}
