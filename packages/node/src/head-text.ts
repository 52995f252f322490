/** What Node.js has to see, since the framing and the connection hang on it. */
const INTERPRETED = new Set([
  "connection",
  "content-length",
  "date",
  "expect",
  "keep-alive",
  "trailer",
  "transfer-encoding",
]);
/** RFC 9110 5.6.2 and 5.5, as Node.js holds headers against them. */
const NAME = /^[\^_`a-z\-0-9!#$%&'*+.|~]+$/;
const FORBIDDEN_IN_VALUE = /[^\t\x20-\x7e\x80-\xff]/;

/** A header as it was written last: a gateway's answers carry the same few again and again, most with the same value. */
interface Written {
  readonly name: string;
  /** What comes before the value, name and all; null for what is Node.js's to write. */
  readonly beginning: string | null;
  value: string | null;
  /** The whole line, once the same value has come again. */
  line: string | null;
}

const written = new Map<string, Written>();
/** The headers of the last answer, in their order, which is the next one's too as a rule. */
const usual: Written[] = [];
const MAX_WRITTEN = 512;

/**
 * The first line and the headers of an answer as one text, but for those that go into `interpreted`; null where Node.js
 * has to refuse one.
 * @param headers - by their names in lower case
 */
export function headText(
  first: string,
  headers: Readonly<Record<string, string>>,
  interpreted: Record<string, string>,
): string | null {
  let text = first;
  let nth = 0;
  for (const name in headers) {
    const value = headers[name] as string; // just named
    const header = writtenAt(nth++, name);
    if (header === null) return null;
    if (header.beginning === null) interpreted[name] = value;
    else if (header.value === value)
      text += header.line ??= [header.beginning, value].join(""); // joined, it is one piece
    else if (FORBIDDEN_IN_VALUE.test(value)) return null;
    else {
      header.value = value;
      header.line = null;
      text = text + header.beginning + value;
    }
  }
  return `${text}\r\n`;
}

/** The header of that name, which stands at the nth place; null for a name that is none. */
function writtenAt(nth: number, name: string): Written | null {
  const expected = usual[nth];
  if (expected?.name === name) return expected;
  const header = written.get(name) ?? newlyWritten(name);
  if (header && nth < MAX_WRITTEN) usual[nth] = header;
  return header;
}

function newlyWritten(name: string): Written | null {
  if (!NAME.test(name)) return null;
  const beginning = INTERPRETED.has(name) ? null : `\r\n${name}: `;
  const header = { name, beginning, value: null, line: null };
  if (written.size < MAX_WRITTEN) written.set(name, header);
  return header;
}
