import { type IncomingMessage, ServerResponse, STATUS_CODES } from "node:http";
import { headText } from "./head-text.js";

/** Not documented, though there in every version of Node.js. */
interface StoresHeader {
  /** Takes the first line, and puts behind it the headers it is given and its own. */
  _storeHeader?(head: string, headers: Readonly<Record<string, string>>): void;
  /** The head as it is going to be written, the empty line included. */
  _header?: string | null;
  _headerSent?: boolean;
  /** False for the answer to a HEAD, and for a status that has none. */
  _hasBody?: boolean;
}

/** Beyond it copying costs more than a second buffer. */
const MAX_TEXT_BYTES = 16 * 1024;

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
   * Like `end`, behind a head that says how long the body is. A short body goes out with the head as one text, byte for
   * byte: one to write where there would be three, the empty last one among them. Latin-1 is what Node.js writes heads in.
   */
  endWhole(body: string | Uint8Array | null): void {
    const stored = this as StoresHeader;
    const { _header: head, _headerSent: isSent, _hasBody: hasBody } = stored;
    const fits = Buffer.isBuffer(body) && body.length <= MAX_TEXT_BYTES;
    if (!fits || !head || isSent !== false || !hasBody || this.chunkedEncoding) return void this.end(body ?? undefined);
    stored._header = head + body.toString("latin1");
    this.end();
  }

  /** Whether nothing but the headers has a say in the head. */
  #isPlain(status: number): boolean {
    const hasBody = status >= 200 && status !== 204 && status !== 304;
    return hasBody && !this.headersSent && this.req.headers.expect === undefined && this.getHeaderNames().length === 0;
  }
}
