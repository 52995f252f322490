import { requestBody } from "../fixtures.mjs";

/** The bytes of a chat request to a target, built once. */
export function chatRequest(url, { stream, key = "sk-bench" }) {
  const { host } = new URL(url);
  const body = requestBody({ stream });
  const head = [
    "POST /v1/chat/completions HTTP/1.1",
    `host: ${host}`,
    "user-agent: bench",
    `accept: ${stream ? "text/event-stream" : "application/json"}`,
    `authorization: Bearer ${key}`,
    "content-type: application/json",
    `content-length: ${body.length}`,
  ].join("\r\n");
  return Buffer.concat([Buffer.from(`${head}\r\n\r\n`), body]);
}

/** The port a target listens on. */
export function portOf(url) {
  return Number(new URL(url).port);
}
