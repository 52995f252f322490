import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { UpstreamHeaders } from "../spec/provider.js";
import { MAX_HEAD_BYTES, ResponseParser } from "./response-parser.js";

interface Seen {
  status: number;
  headers: UpstreamHeaders;
  body: string;
  done: boolean;
  reusableMs: number;
}

/** Reads a response in pieces, each of which is written over as soon as the parser has had it. */
function read(text: string, cuts: readonly number[] = [], ends = false): Seen {
  const seen = { status: 0, headers: {}, body: "" };
  const parser = new ResponseParser({
    onHeaders: (status, headers) => Object.assign(seen, { status, headers }),
    onData: (chunk) => pieces.push(chunk),
  });
  const pieces: Buffer[] = [];
  const bytes = Buffer.from(text, "latin1");
  const places = [0, ...[...cuts].sort((one, other) => one - other), bytes.length];
  for (const [index, start] of places.slice(0, -1).entries()) {
    const piece = Buffer.from(bytes.subarray(start, places[index + 1]));
    if (piece.length > 0) parser.push(piece);
    piece.fill("#");
  }
  if (ends) parser.end();
  return { ...seen, body: Buffer.concat(pieces).toString("latin1"), done: parser.done, reusableMs: parser.reusableMs };
}

const OK = "HTTP/1.1 200 OK\r\n";

const responses: readonly (readonly [string, string, Partial<Seen>, boolean?])[] = [
  ["a length", `${OK}Content-Length: 5\r\n\r\nhello`, { body: "hello", done: true, reusableMs: 4_000 }],
  ["no body", `${OK}content-length: 0\r\n\r\n`, { body: "", done: true, reusableMs: 4_000 }],
  ["204", "HTTP/1.1 204 No Content\r\n\r\n", { status: 204, done: true }],
  ["no reason", "HTTP/1.1 200\r\ncontent-length: 1\r\n\r\nx", { status: 200, body: "x", done: true }],
  [
    "chunks",
    `${OK}transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n6;a="b c"\r\n world\r\n000\r\n\r\n`,
    { body: "hello world", done: true, reusableMs: 4_000 },
  ],
  [
    "chunks with trailers",
    `${OK}Transfer-Encoding: Chunked\r\n\r\n1 \r\nx\r\n0\r\nx-sum: 1\r\ny: z\r\n\r\n`,
    { body: "x", done: true },
  ],
  [
    "a body up to the end",
    `${OK}content-type: text/plain\r\n\r\nhello`,
    { body: "hello", done: true, reusableMs: 0 },
    true,
  ],
  ["a length not reached", `${OK}content-length: 9\r\n\r\nhello`, { body: "hello", done: false }],
  [
    "interim answers",
    `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103\r\nlink: x\r\n\r\n${OK}content-length: 1\r\n\r\ny`,
    { body: "y", done: true },
  ],
  ["connection: close", `${OK}connection: Close\r\ncontent-length: 1\r\n\r\ny`, { done: true, reusableMs: 0 }],
  ["HTTP/1.0", "HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\ny", { done: true, reusableMs: 0 }],
  ["keep-alive: timeout", `${OK}keep-alive: timeout=7, max=9\r\ncontent-length: 1\r\n\r\ny`, { reusableMs: 6_000 }],
  ["a timeout too short to use", `${OK}keep-alive: timeout=1\r\ncontent-length: 1\r\n\r\ny`, { reusableMs: 0 }],
  ["bytes after the end", `${OK}content-length: 1\r\n\r\nyHTTP/1.1 200 OK`, { body: "y", done: true, reusableMs: 0 }],
  [
    "repeated headers",
    `${OK}set-cookie: a\r\nset-cookie: b\r\nSet-Cookie: c\r\ncontent-length: 1\r\ncontent-length: 1\r\n\r\ny`,
    { headers: { "set-cookie": ["a", "b", "c"], "content-length": ["1", "1"] }, done: true },
  ],
  [
    "a header named as JavaScript names something",
    `${OK}constructor: a\r\ncontent-length: 0\r\n\r\n`,
    { headers: { constructor: "a", "content-length": "0" }, done: true },
  ],
  [
    "white space around a value",
    `${OK}x:\t  a b \t\r\ncontent-length:0\r\n\r\n`,
    { headers: { x: "a b", "content-length": "0" } },
  ],
];

const cases = responses.map(([name, text, expected, ends = false]) => ({ name, text, expected, ends }));

describe.each(cases)("a response with $name", ({ text, expected, ends }) => {
  it("is read in one piece", () => {
    expect(read(text, [], ends)).toMatchObject(expected);
  });

  it("is read the same in any pieces", () => {
    const whole = read(text, [], ends);
    fc.assert(
      fc.property(fc.array(fc.nat(text.length)), (cuts) => {
        // Whether bytes follow the end can be known only where they come with it.
        expect({ ...read(text, cuts, ends), reusableMs: 0 }).toEqual({ ...whole, reusableMs: 0 });
      }),
    );
  });
});

describe("a response is refused", () => {
  it.each([
    ["that is not HTTP", "SSH-2.0-OpenSSH_9.2\r\n\r\n", "BAD_HEAD"],
    ["of another version", "HTTP/2.0 200 OK\r\n\r\n", "BAD_HEAD"],
    ["without a status", "HTTP/1.1 OK\r\n\r\n", "BAD_HEAD"],
    ["with a folded line", `${OK}a: b\r\n c\r\ncontent-length: 0\r\n\r\n`, "BAD_HEAD"],
    ["with white space before a colon", `${OK}content-length : 0\r\n\r\n`, "BAD_HEAD"],
    ["with a line that has no name", `${OK}nothing\r\n\r\n`, "BAD_HEAD"],
    ["with a name that is none", `${OK}a b: c\r\n\r\n`, "BAD_HEAD"],
    ["with a name of JavaScript's", `${OK}__proto__: c\r\n\r\n`, "BAD_HEAD"],
    ["with a bare carriage return", `${OK}a: b\rc: d\r\n\r\n`, "BAD_HEAD"],
    ["with a bare carriage return at its end", `${OK}a: b\r\r\n\r\n`, "BAD_HEAD"],
    ["with a bare line feed in its first line", `HTTP/1.1 200 OK\na: b\r\n\r\n`, "BAD_HEAD"],
    ["with a zero", `${OK}a: b\0c\r\n\r\n`, "BAD_HEAD"],
    ["with a bare line feed", `${OK}a: b\nc: d\r\n\r\n`, "BAD_HEAD"],
    ["with two lengths", `${OK}content-length: 1\r\ncontent-length: 2\r\n\r\nxy`, "BAD_HEAD"],
    ["with two lengths in one line", `${OK}content-length: 1, 2\r\n\r\nxy`, "BAD_HEAD"],
    ["with a negative length", `${OK}content-length: -1\r\n\r\n`, "BAD_HEAD"],
    ["with a hexadecimal length", `${OK}content-length: 0x1\r\n\r\nx`, "BAD_HEAD"],
    [
      "with a length beside chunks",
      `${OK}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
      "BAD_HEAD",
    ],
    ["with a coding nobody asked for", `${OK}transfer-encoding: gzip, chunked\r\n\r\n`, "BAD_HEAD"],
    ["with a head without end", `${OK}a: ${"b".repeat(MAX_HEAD_BYTES)}`, "HEAD_TOO_LARGE"],
    ["that switches protocols", "HTTP/1.1 101 Switching Protocols\r\n\r\n", "UPGRADED"],
    ["with a chunk without a size", `${OK}transfer-encoding: chunked\r\n\r\n\r\n`, "BAD_CHUNK"],
    ["with a chunk of too many digits", `${OK}transfer-encoding: chunked\r\n\r\nfffffffff\r\n`, "BAD_CHUNK"],
    ["with a chunk longer than it says", `${OK}transfer-encoding: chunked\r\n\r\n1\r\nxy\r\n`, "BAD_CHUNK"],
    ["with a chunk line ended by a line feed", `${OK}transfer-encoding: chunked\r\n\r\n1\nx\r\n`, "BAD_CHUNK"],
    ["with an extension without end", `${OK}transfer-encoding: chunked\r\n\r\n1;${"x".repeat(20_000)}`, "BAD_CHUNK"],
    [
      "with trailers without end",
      `${OK}transfer-encoding: chunked\r\n\r\n0\r\n${"x: y\r\n".repeat(5_000)}`,
      "BAD_CHUNK",
    ],
  ])("%s", (_name, text, code) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code }));
    const every = Array.from({ length: text.length }, (_, index) => index);
    expect(() => read(text, every)).toThrow(expect.objectContaining({ code }));
  });

  it.each([
    ["a head", "HTTP/1.1 200 OK\r\nconte"],
    ["a body with a length", `${OK}content-length: 5\r\n\r\nhell`],
    ["a chunk", `${OK}transfer-encoding: chunked\r\n\r\n5\r\nhell`],
    ["the last chunk", `${OK}transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n`],
  ])("that ends inside %s", (_name, text) => {
    expect(() => read(text, [], true)).toThrow(expect.objectContaining({ code: "UPSTREAM_CLOSED" }));
  });
});
