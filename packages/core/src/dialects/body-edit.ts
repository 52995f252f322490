/** Where one member of a JSON object stands in its text. */
interface Member {
  readonly key: string;
  /** From the first quote of the key. */
  readonly start: number;
  readonly valueStart: number;
  /** Behind the last character of the value. */
  readonly end: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/** A change to one top-level member: new JSON text for its value, or null to remove it. */
export type BodyEdit = readonly [key: string, value: string | null];

/**
 * Edits top-level members of a JSON object in its text: a string replaces (or adds) a value, null removes the member.
 * Everything else keeps its bytes. `text` must be an object that JSON.parse accepts. Where a key stands more than once
 * the last one counts, as in JSON.parse, and the others go.
 */
export function editBody(text: string, edits: readonly BodyEdit[]): string {
  const members = membersOf(text);
  let out = text.slice(0, members[0]?.start ?? text.lastIndexOf("}"));
  let separator = "";
  let end = out.length;
  for (const [index, member] of members.entries()) {
    const edit = edits.find(([key]) => key === member.key);
    if (!edit || (edit[1] !== null && isLast(members, index))) {
      if (separator) out += text.slice(end, member.start);
      out += edit ? text.slice(member.start, member.valueStart) + edit[1] : text.slice(member.start, member.end);
      separator = ",";
    }
    end = member.end;
  }
  for (const [key, value] of edits) {
    if (value === null || members.some((member) => member.key === key)) continue;
    out += `${separator}${JSON.stringify(key)}:${value}`;
    separator = ",";
  }
  return out + text.slice(end);
}

/** Whether no later member has the same key. */
function isLast(members: readonly Member[], index: number): boolean {
  for (let later = index + 1; later < members.length; later++) {
    if (members[later]?.key === members[index]?.key) return false;
  }
  return true;
}

function membersOf(text: string): Member[] {
  const members: Member[] = [];
  let at = skipSpace(text, text.indexOf("{") + 1);
  while (text.charCodeAt(at) === QUOTE) {
    const start = at;
    const keyEnd = stringEnd(text, at);
    const raw = text.slice(start + 1, keyEnd - 1);
    const key = raw.includes("\\") ? (JSON.parse(`"${raw}"`) as string) : raw; // a JSON string parses to a string
    const valueStart = skipSpace(text, skipSpace(text, keyEnd) + 1);
    const end = valueEnd(text, valueStart);
    members.push({ key, start, valueStart, end });
    at = skipSpace(text, end);
    if (text.charCodeAt(at) === COMMA) at = skipSpace(text, at + 1);
  }
  return members;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return at;
    at++;
  }
}

/** Index behind the closing quote of the string that opens at `from`. */
function stringEnd(text: string, from: number): number {
  let at = from;
  for (;;) {
    at = text.indexOf('"', at + 1);
    let slashes = 0;
    while (text.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return at + 1;
  }
}

function valueEnd(text: string, from: number): number {
  let depth = 0;
  for (let at = from; ; ) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = stringEnd(text, at);
      if (depth === 0) return at;
      continue;
    }
    if (code === OPEN_BRACE || code === OPEN_BRACKET) depth++;
    else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      if (depth === 0) return trimEnd(text, at);
      if (--depth === 0) return at + 1;
    } else if (code === COMMA && depth === 0) return trimEnd(text, at);
    at++;
  }
}

/** A number or a literal ends before the white space that follows it. */
function trimEnd(text: string, end: number): number {
  let at = end;
  while (text.charCodeAt(at - 1) <= 0x20) at--;
  return at;
}
