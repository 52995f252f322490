import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { OwnResponse } from "../src/own-response.js";

interface Case {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly request?: string;
  /** Done to the response before its head is written. */
  readonly before?: (outgoing: ServerResponse) => void;
}

const GET = "GET / HTTP/1.1\r\nhost: x\r\n\r\n";
const LENGTH = { "content-type": "text/plain", "content-length": "5", "x-one": "1" };

const CASES: Readonly<Record<string, Case>> = {
  "a length": { headers: LENGTH, body: "hello" },
  "no length": { headers: { "content-type": "text/plain" }, body: "hello" },
  "an error": { status: 429, headers: { "retry-after": "7" }, body: "no" },
  "a status of nobody's": { status: 599, body: "?" },
  "no content": { status: 204, headers: { "x-one": "1" } },
  "not modified": { status: 304, headers: { etag: '"1"' } },
  HEAD: { request: "HEAD / HTTP/1.1\r\nhost: x\r\n\r\n", headers: LENGTH },
  "HTTP/1.0": { request: "GET / HTTP/1.0\r\n\r\n", headers: LENGTH, body: "hello" },
  "HTTP/1.0 and no length": { request: "GET / HTTP/1.0\r\n\r\n", body: "hello" },
  "HTTP/1.0 kept alive": {
    request: "GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n",
    headers: LENGTH,
    body: "hello",
  },
  "a closing client": {
    request: "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
    headers: LENGTH,
    body: "hello",
  },
  "a closing server": { headers: { ...LENGTH, connection: "close" }, body: "hello" },
  "a date of its own": { headers: { ...LENGTH, date: "Thu, 01 Jan 2026 00:00:00 GMT" }, body: "hello" },
  "a value beyond ASCII": { headers: { ...LENGTH, "x-one": "caf\u00e9" }, body: "hello" },
  "an empty value": { headers: { ...LENGTH, "x-one": "" }, body: "hello" },
  "no headers": { headers: {}, body: "hello" },
  "a header from before": { headers: LENGTH, body: "hello", before: (outgoing) => outgoing.setHeader("x-two", "2") },
  "a close from before": { body: "hello", before: (outgoing) => outgoing.setHeader("connection", "close") },
};

type WriteHead = (outgoing: ServerResponse, status: number, headers: Record<string, string>) => void;

/** A server that answers with the case its `current` is; `error` is what writing the head has thrown. */
class Answering {
  current: Case = {};
  error: unknown = null;
  readonly #server: Server;
  readonly #write: WriteHead;

  constructor(Response: typeof ServerResponse, write: WriteHead) {
    this.#write = write;
    this.#server = createServer({ ServerResponse: Response }, (incoming, outgoing) => this.#answer(incoming, outgoing));
  }

  async listen(): Promise<void> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  /** All that comes to one request, after which we say nothing more. */
  async ask(current: Case): Promise<string> {
    this.current = current;
    this.error = null;
    const socket = connect((this.#server.address() as AddressInfo).port, "127.0.0.1");
    socket.setEncoding("latin1");
    let text = "";
    socket.on("data", (piece: string) => {
      text += piece;
    });
    socket.write(current.request ?? GET);
    socket.end();
    await once(socket, "close");
    return text;
  }

  #answer(_incoming: IncomingMessage, outgoing: ServerResponse): void {
    const { status = 200, headers = {}, body, before } = this.current;
    before?.(outgoing);
    try {
      this.#write(outgoing, status, { ...headers });
    } catch (error) {
      this.error = error;
      return void outgoing.destroy();
    }
    outgoing.end(body);
  }
}

const own = new Answering(OwnResponse, (outgoing, status, headers) =>
  (outgoing as OwnResponse).writeWholeHead(status, headers),
);
const plain = new Answering(ServerResponse, (outgoing, status, headers) => outgoing.writeHead(status, headers));

beforeAll(async () => {
  await own.listen();
  await plain.listen();
});
afterAll(() => {
  own.close();
  plain.close();
});

describe("the head of our own response", () => {
  it("is written by a method that Node.js has", () => {
    expect(ServerResponse.prototype).toHaveProperty("_storeHeader", expect.any(Function));
  });

  it.each(Object.entries(CASES))("is what Node.js would write: %s", async (_name, current) => {
    const [mine, theirs] = [await own.ask(current), await plain.ask(current)].map(parts);
    expect(mine).toEqual(theirs);
    expect(own.error).toBe(null);
  });

  it.each<[string, Record<string, string>, string]>([
    ["a line end in a value", { "x-one": "1\r\nset-cookie: a=b" }, "ERR_INVALID_CHAR"],
    ["a zero in a value", { "x-one": "1\0" }, "ERR_INVALID_CHAR"],
    ["a letter that no header holds", { "x-one": "\u2713" }, "ERR_INVALID_CHAR"],
    ["a name that is none", { "x one": "1" }, "ERR_INVALID_HTTP_TOKEN"],
    ["a line end in a name", { "x-one\r\nx-two": "1" }, "ERR_INVALID_HTTP_TOKEN"],
    ["an empty name", { "": "1" }, "ERR_INVALID_HTTP_TOKEN"],
  ])("is refused as Node.js does, with nothing sent: %s", async (_name, headers, code) => {
    for (const server of [own, plain]) {
      expect(await server.ask({ headers })).toBe("");
      expect(server.error).toMatchObject({ code });
    }
  });

  it.each([0, 1, 16 * 1024, 16 * 1024 + 1])("has a body of %d bytes behind it, byte for byte", async (length) => {
    const bytes = Buffer.from(Array.from({ length }, (_, index) => (index * 7) % 256));
    const server = new Answering(OwnResponse, (outgoing, status, headers) => {
      (outgoing as OwnResponse).writeWholeHead(status, headers);
      (outgoing as OwnResponse).endWhole(bytes);
    });
    await server.listen();
    const text = await server.ask({ headers: { "content-length": String(length) } });
    server.close();
    expect(Buffer.from(parts(text).body.slice(4), "latin1").equals(bytes)).toBe(true);
  });

  it("cannot be written twice", async () => {
    const before = (outgoing: ServerResponse) => void outgoing.writeHead(200).write("x");
    await own.ask({ before });
    expect(own.error).toMatchObject({ code: "ERR_HTTP_HEADERS_SENT" });
  });
});

/** First line, headers in any order, body; the date is not compared but where it was given. */
function parts(text: string) {
  const end = text.indexOf("\r\n\r\n");
  const [first, ...lines] = text.slice(0, end).split("\r\n");
  const headers = lines.map((line) => line.replace(/^Date: .*/, "Date: now")).sort();
  return { first, headers, body: text.slice(end) };
}
