import { answerBody, chunkEvents, closingEvents, STAMP_AT } from "../fixtures.mjs";

/** About what a vendor sends along. */
const COMMON_HEAD = [
  "HTTP/1.1 200 OK",
  "date: Thu, 01 Jan 2026 00:00:00 GMT",
  "x-request-id: req_5f2c8a4e9b7d4c1fa0e6",
  "openai-version: 2020-10-01",
  "openai-processing-ms: 312",
  "x-ratelimit-limit-requests: 10000",
  "x-ratelimit-remaining-requests: 9999",
].join("\r\n");

const STREAM_HEAD = `${COMMON_HEAD}\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n`;

/** A whole plain answer, head and body. */
export const plainAnswer = Buffer.concat([
  Buffer.from(`${COMMON_HEAD}\r\ncontent-type: application/json\r\ncontent-length: ${answerBody.length}\r\n\r\n`),
  answerBody,
]);

export const notFound = Buffer.from("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n");

/** Where the stamp stands in a framed chunk: behind the line with its size. */
export const FRAMED_STAMP_AT = STAMP_AT + "c8\r\n".length;

/**
 * Every write of a stream with `count` chunks, built beforehand: the head goes with the first chunk, what ends the
 * stream with the last.
 */
export function streamWrites(count, { usage }) {
  const writes = chunkEvents(count).map(framed);
  writes[0] = Buffer.concat([Buffer.from(STREAM_HEAD), writes[0]]);
  writes[count - 1] = Buffer.concat([writes[count - 1], framed(closingEvents({ usage })), Buffer.from("0\r\n\r\n")]);
  return { writes, headBytes: STREAM_HEAD.length };
}

function framed(bytes) {
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")]);
}
