import { type IncomingMessage, ServerResponse, STATUS_CODES } from "node:http";

/** Not documented, though there in every version of Node.js: takes the first line, and puts behind it the headers it is given and its own. */
interface StoresHeader {
  _storeHeader?(head: string, headers: Readonly<Record<string, string>>): void;
}

/** What Node.js has to see, since the framing and the connection hang on it. */
const INTERPRETED = ["connection", "content-length", "date", "expect", "keep-alive", "trailer", "transfer-encoding"];
/**
 * What comes before the value of each header, names and all that were seen so far: a gateway's answers carry the same few
 * again and again. Null for those that are Node.js's to write.
 */
const beginnings = new Map<string, string | null>(INTERPRETED.map((name) => [name, null]));
const MAX_BEGINNINGS = 512;
/** Beyond it copying costs more than a second buffer. */
const MAX_TEXT_BYTES = 16 * 1024;
/** RFC 9110 5.6.2 and 5.5, as Node.js holds headers against them. */
const NAME = /^[\^_`a-z\-0-9!#$%&'*+.|~]+$/;
const FORBIDDEN_IN_VALUE = /[^\t\x20-\x7e\x80-\xff]/;

/**
 * The response of our own server, which nobody but the gateway writes to. Its head is put together as one text: Node.js
 * looks at each header in several ways, and an answer of the gateway has some twenty-five.
 */
export class OwnResponse<Request extends IncomingMessage = IncomingMessage> extends ServerResponse<Request> {
  /** Like `writeHead`, for names in lower case. */
  writeWholeHead(status: number, headers: Readonly<Record<string, string>>): void {
    const store: StoresHeader["_storeHeader"] = (this as StoresHeader)._storeHeader;
    const interpreted: Record<string, string> = {};
    const message = STATUS_CODES[status] ?? "unknown";
    const first = `HTTP/1.1 ${status} ${message}`;
    const text = store && this.#isPlain(status) ? headText(first, headers, interpreted) : null;
    if (text === null) return void this.writeHead(status, headers);
    this.statusCode = status;
    this.statusMessage = message;
    store?.call(this, text, interpreted);
  }

  /**
   * Like `end`. A short body goes out with the head as one text, byte for byte: one buffer to write where there would be
   * two. Latin-1 is what Node.js writes heads in.
   */
  endWhole(body: string | Uint8Array | null): void {
    if (Buffer.isBuffer(body) && body.length <= MAX_TEXT_BYTES) this.end(body.toString("latin1"), "latin1");
    else this.end(body ?? undefined);
  }

  /** Whether nothing but the headers has a say in the head. */
  #isPlain(status: number): boolean {
    const hasBody = status >= 200 && status !== 204 && status !== 304;
    return hasBody && !this.headersSent && this.req.headers.expect === undefined && this.getHeaderNames().length === 0;
  }
}

/** The first line and the headers, but for those that go into `interpreted`; null where Node.js has to refuse one. */
function headText(
  first: string,
  headers: Readonly<Record<string, string>>,
  interpreted: Record<string, string>,
): string | null {
  let text = first;
  for (const name in headers) {
    const value = headers[name] as string; // just named
    const beginning = beginnings.get(name) ?? (beginnings.has(name) ? null : newBeginning(name));
    if (beginning === undefined || FORBIDDEN_IN_VALUE.test(value)) return null;
    if (beginning === null) interpreted[name] = value;
    else text = text + beginning + value;
  }
  return `${text}\r\n`;
}

/** What comes before a value of that name; undefined for a name that is none. */
function newBeginning(name: string): string | undefined {
  if (!NAME.test(name)) return undefined;
  const beginning = `\r\n${name}: `;
  if (beginnings.size < MAX_BEGINNINGS) beginnings.set(name, beginning);
  return beginning;
}
