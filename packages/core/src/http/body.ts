import { isUtf8 } from "node:buffer";
import { GatewayError } from "../errors.js";
import type { GatewayRequest } from "../spec/http.js";
import { checkedJson, checkJsonLimits } from "./json-limits.js";
import type { Form } from "./route.js";

/** A JSON body: its value, and the text it came as. */
export interface JsonBody {
  readonly value: unknown;
  readonly text: string;
}

/** RFC 9110 8.3: type, subtype, and the one parameter JSON may have here. */
const JSON_TYPE = /^application\/json[ \t]*(?:;[ \t]*charset="?utf-8"?[ \t]*)?$/i;

/**
 * Reads a JSON body of at most `maxBytes` bytes. A promise unless somebody else has read it already.
 * @throws GatewayError `unsupported_media_type`, `payload_too_large`, `invalid_request`
 */
export function readJson(request: GatewayRequest, maxBytes: number): JsonBody | Promise<JsonBody> {
  checkHeaders(request, maxBytes);
  if (request.parsedBody !== undefined) return reparsed(request.parsedBody, maxBytes);
  return readBytes(request, maxBytes).then((bytes) => parsed(bytes, maxBytes));
}

function parsed(bytes: Uint8Array, maxBytes: number): JsonBody {
  if (bytes.length > maxBytes) throw tooLarge(maxBytes); // Fetch's own bytes() takes no limit
  if (bytes.length === 0) throw refused("the body is empty; send a JSON object");
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const text = stripMark(buffer.toString("utf8"));
  // Decoding leaves a replacement character where bytes are wrong; only then are they looked at again.
  if (text.includes("\uFFFD") && !isUtf8(bytes)) throw refused("the body is not valid UTF-8");
  return { value: parse(text), text };
}

/** RFC 7578; the boundary is the upstream's to read. */
const FORM_TYPE = /^multipart\/form-data[ \t]*;.*\bboundary=/i;

/**
 * Reads the bytes of a form of at most `maxBytes` bytes; what is in it stays unread.
 * @throws GatewayError `unsupported_media_type`, `payload_too_large`, `invalid_request`
 */
export async function readForm(request: GatewayRequest, maxBytes: number): Promise<Form> {
  const contentType = request.headers.get("content-type");
  if (contentType === null || !FORM_TYPE.test(contentType)) throw unsupported("send Content-Type: multipart/form-data");
  checkCoding(request, maxBytes);
  if (request.parsedBody !== undefined) {
    throw refused("a body parser before the gateway has taken the form apart; mount the gateway before it");
  }
  const bytes = await readBytes(request, maxBytes);
  if (bytes.length > maxBytes) throw tooLarge(maxBytes);
  if (bytes.length === 0) throw refused("the body is empty; send a form");
  return { bytes, contentType };
}

function checkHeaders(request: GatewayRequest, maxBytes: number): void {
  const type = request.headers.get("content-type");
  if (type !== "application/json" && !(type !== null && JSON_TYPE.test(type))) {
    throw unsupported("send Content-Type: application/json");
  }
  checkCoding(request, maxBytes);
}

function checkCoding({ headers }: GatewayRequest, maxBytes: number): void {
  if (headers.get("content-encoding") !== null) {
    throw unsupported("send the body without Content-Encoding");
  }
  if (Number(headers.get("content-length") ?? 0) > maxBytes) throw tooLarge(maxBytes);
}

function readBytes(request: GatewayRequest, maxBytes: number): Promise<Uint8Array> {
  return request.bytes ? request.bytes(maxBytes) : request.arrayBuffer().then((buffer) => new Uint8Array(buffer));
}

/** A body the host application has parsed already. */
function reparsed(value: unknown, maxBytes: number): JsonBody {
  const text = checkedJson(value);
  if (text === undefined) throw refused("the body is empty; send a JSON object");
  if (text.length > maxBytes) throw tooLarge(maxBytes);
  return { value, text };
}

function parse(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const position = /position (\d+)/.exec(String(cause))?.[1];
    throw refused(`the body is not valid JSON${position ? ` (at character ${position})` : ""}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw refused("the body must be a JSON object");
  checkJsonLimits(value);
  return value;
}

/** RFC 8259 8.1 lets a parser ignore a byte order mark. */
function stripMark(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

/** The body passes the route's cap. */
export function tooLarge(maxBytes: number): GatewayError {
  return new GatewayError("payload_too_large", { details: `at most ${maxBytes} bytes are accepted here` });
}

function unsupported(details: string): GatewayError {
  return new GatewayError("unsupported_media_type", { details });
}

function refused(details: string): GatewayError {
  return new GatewayError("invalid_request", { details });
}
