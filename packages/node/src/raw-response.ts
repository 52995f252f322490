import { STATUS_CODES } from "node:http";

/** An HTTP/1.1 answer for a socket that has no response object. */
export function rawResponse(
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = JSON_TYPE,
): string {
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `content-length: ${Buffer.byteLength(body)}`,
    "connection: close",
    "",
    body,
  ].join("\r\n");
}

const JSON_TYPE = { "content-type": "application/json; charset=utf-8" };
