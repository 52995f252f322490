import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { expectRefusal, request, type Target, target } from "./raw-socket.js";

let at: Target;
beforeAll(async () => {
  at = await target();
});
afterEach(() => at.expectAlive());
afterAll(() => at.close());

/** Stands for `localhost` and the port, which is known only later. */
const HOST = "\u{1F3E0}";
const send = (bytes: string) => at.send(bytes.replaceAll(HOST, `localhost:${at.port}`));
const chat = (headers: string, body: string) =>
  `POST /v1/chat/completions HTTP/1.1\r\nHost: ${HOST}\r\nContent-Type: application/json\r\n${headers}\r\n\r\n${body}`;

describe("bytes that are no HTTP/1.1", () => {
  it.each([
    ["a line of garbage", "GARBAGE\r\n\r\n"],
    ["binary garbage", "\u0000\u0001\u0002\u0003\r\n\r\n"],
    ["an unknown method", `BREW /livez HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`],
    ["a method in lower case", `get /livez HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`],
    ["no version", "GET /livez\r\n\r\n"],
    ["version 9.9", `GET /livez HTTP/9.9\r\nHost: ${HOST}\r\n\r\n`],
    ["a preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
    ["a TLS hello", "\u0016\u0003\u0001\u0000\u00c5\u0001\u0000\u0000\u00c1\u0003\u0003abcdefgh"],
    ["a target that is no path", `GET livez HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`],
    ["a space in the target", `GET /li vez HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`],
    ["NUL in the target", `GET /li\u0000vez HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`],
    ["NUL in a header", `GET /livez HTTP/1.1\r\nHost: ${HOST}\r\nX-A: a\u0000b\r\n\r\n`],
    ["a control character in a header", `GET /livez HTTP/1.1\r\nHost: ${HOST}\r\nX-A: a\u0001b\r\n\r\n`],
    ["a header without a colon", `GET /livez HTTP/1.1\r\nHost: ${HOST}\r\nBroken\r\n\r\n`],
    ["a space before the colon", `GET /livez HTTP/1.1\r\nHost : ${HOST}\r\n\r\n`],
    ["a header without a name", `GET /livez HTTP/1.1\r\nHost: ${HOST}\r\n: a\r\n\r\n`],
  ])("%s: 400", async (_what, bytes) => {
    expectRefusal(await send(bytes), 400);
  });
});

describe("a request that says two things", () => {
  it.each([
    ["length and chunks", chat("Content-Length: 5\r\nTransfer-Encoding: chunked", "0\r\n\r\n")],
    ["two lengths", chat("Content-Length: 5\r\nContent-Length: 6", "{}   ")],
    ["a negative length", chat("Content-Length: -1", "{}")],
    ["an overflowing length", chat("Content-Length: 99999999999999999999999", "{}")],
    ["a length in hex", chat("Content-Length: 0x10", "{}")],
    ["a signed length", chat("Content-Length: +2", "{}")],
    ["an unknown transfer coding", chat("Transfer-Encoding: xchunked", "0\r\n\r\n")],
    ["chunks that are not last", chat("Transfer-Encoding: chunked, gzip", "0\r\n\r\n")],
    ["a chunk size of letters", chat("Transfer-Encoding: chunked", "zz\r\n{}\r\n0\r\n\r\n")],
    ["a negative chunk size", chat("Transfer-Encoding: chunked", "-1\r\n{}\r\n0\r\n\r\n")],
    ["an overflowing chunk size", chat("Transfer-Encoding: chunked", "fffffffffffffffff\r\n{}\r\n0\r\n\r\n")],
    ["a chunk longer than it says", chat("Transfer-Encoding: chunked", "1\r\n{}\r\n0\r\n\r\n")],
    ["no Host", "GET /livez HTTP/1.1\r\n\r\n"],
    ["no Host in HTTP/1.0", "GET /livez HTTP/1.0\r\n\r\n"],
    ["two Hosts", `GET /livez HTTP/1.1\r\nHost: ${HOST}\r\nHost: ${HOST}\r\n\r\n`],
    ["a second, foreign Host", `GET /livez HTTP/1.1\r\nHost: ${HOST}\r\nHost: evil.example\r\n\r\n`],
    ["an empty Host", "GET /livez HTTP/1.1\r\nHost:\r\n\r\n"],
    ["a whole URL for a target", `GET http://${HOST}/livez HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`],
    ["a foreign host in the target", `GET http://evil.example/livez HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`],
    [
      "two credentials",
      `GET /livez HTTP/1.1\r\nHost: ${HOST}\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n`,
    ],
    ["an asterisk for a path", `OPTIONS * HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`],
  ])("%s: 400", async (_what, bytes) => {
    expectRefusal(await send(bytes), 400);
  });
});

describe("methods that are not ours", () => {
  it.each([
    ["TRACE", `TRACE /livez HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`],
    ["CONNECT", `CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n`],
    ["PROPFIND", `PROPFIND /livez HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`],
    ["PURGE", `PURGE /livez HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`],
  ])("%s: 405", async (_method, bytes) => {
    expectRefusal(await send(bytes), 405);
  });

  it("an expectation nobody knows: 417", async () => {
    expectRefusal(await send(`GET /livez HTTP/1.1\r\nHost: ${HOST}\r\nExpect: tea\r\n\r\n`), 417);
  });
});

describe("too much", () => {
  const many = (count: number) => Array.from({ length: count }, (_, index) => `X-${index}: a\r\n`).join("");

  it.each([
    ["3,000 headers", `GET /livez HTTP/1.1\r\nHost: ${HOST}\r\n${many(3_000)}\r\n`],
    ["101 small headers", `GET /livez HTTP/1.1\r\nHost: ${HOST}\r\n${many(100)}\r\n`],
    ["a header of 64 kB", `GET /livez HTTP/1.1\r\nHost: ${HOST}\r\nX-A: ${"a".repeat(65_536)}\r\n\r\n`],
    ["a target of 64 kB", `GET /${"a".repeat(65_536)} HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`],
    ["a query of 64 kB", `GET /livez?${"a".repeat(65_536)} HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`],
    ["a name of 64 kB", `GET /livez HTTP/1.1\r\nHost: ${HOST}\r\n${"x".repeat(65_536)}: a\r\n\r\n`],
  ])("%s: 431", async (_what, bytes) => {
    expectRefusal(await send(bytes), 431);
  });

  it("100 headers are not too many", async () => {
    expect((await send(`GET /livez HTTP/1.1\r\nHost: ${HOST}\r\n${many(99)}\r\n`)).status).toBe(200);
  });

  it.each(["", "Expect: 100-continue\r\n"])(
    "10 GB declared (%j): 413 before a byte of it is read",
    async (expect100) => {
      const answer = await send(chat(`${expect100}Content-Length: 10737418240`, ""));
      expectRefusal(answer, 413);
      expect(answer.headers.get("connection")).toBe("close");
    },
  );
});

describe("connections", () => {
  it("answers requests sent at once in their order", async () => {
    const socket = await at.open();
    const texts: string[] = [];
    socket.on("data", (chunk: Buffer) => texts.push(chunk.toString()));
    const ask = (path: string) => request(at.port, `GET ${path}`);
    socket.write(ask("/livez") + ask("/nope") + ask("/livez"));
    await expect
      .poll(() => texts.join("").match(/HTTP\/1\.1 \d+/g))
      .toEqual(["HTTP/1.1 200", "HTTP/1.1 404", "HTTP/1.1 200"]);
    socket.destroy();
  });

  it("survives 200 resets in the middle of a body", async () => {
    const sockets = await Promise.all(Array.from({ length: 200 }, () => at.open()));
    for (const socket of sockets) {
      socket.on("error", () => {});
      socket.write(chat("Content-Length: 1000", '{"messages":').replaceAll(HOST, `localhost:${at.port}`));
    }
    await at.expectAlive();
    for (const socket of sockets) socket.resetAndDestroy();
  });

  it("answers beside 1,000 silent connections", async () => {
    const sockets = await Promise.all(Array.from({ length: 1_000 }, () => at.open()));
    await at.expectAlive();
    for (const socket of sockets) socket.destroy();
  });

  it("leaves no trace of a caller who hangs up before, during and after the headers", async () => {
    for (const bytes of ["", "GET /li", `GET /livez HTTP/1.1\r\nHost: ${HOST}`, chat("Content-Length: 10", "{")]) {
      const socket = await at.open();
      socket.end(bytes.replaceAll(HOST, `localhost:${at.port}`));
      socket.resume();
    }
  });
});
