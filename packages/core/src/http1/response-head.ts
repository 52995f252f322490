import type { UpstreamHeaders } from "../spec/provider.js";
import { Http1Error } from "./http1-error.js";

/** The head of a response, and what it says of the body and the connection. */
export interface ResponseHead {
  readonly status: number;
  /** By name in lower case; repeated ones as a list. */
  readonly headers: UpstreamHeaders;
  readonly isChunked: boolean;
  /** Of the body, in bytes; null where the head does not say. */
  readonly length: number | null;
  /** How long the connection may lie idle afterwards, in milliseconds; 0 where it must not be used again. */
  readonly idleMs: number;
}

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [^\0\r\n]*)?$/;
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const LENGTH = /^\d{1,15}$/;

/** Where the server names no time. Servers of the field close after 5 s at the earliest. */
const DEFAULT_IDLE_MS = 4_000;
const MAX_IDLE_MS = 60_000;
/** A request must not meet the server's closing halfway. */
const MARGIN_MS = 1_000;

/**
 * Reads the head of a response, without the empty line at its end. Refuses what RFC 9112 forbids and could be read in
 * two ways: folded lines, white space before a colon, a length beside chunks, two lengths.
 * @throws Http1Error `BAD_HEAD`
 */
export function readHead(text: string): ResponseHead {
  const firstEnd = lineEnd(text, 0);
  const line = STATUS_LINE.exec(text.slice(0, firstEnd));
  if (!line) throw bad("is not HTTP/1.1");
  if (text.includes("\0")) throw bad("has a zero in it");
  const headers: Record<string, string | string[]> = {};
  for (let at = firstEnd + 2, nth = 0; at < text.length; nth++) {
    const end = lineEnd(text, at);
    addHeader(headers, text, { nth, at, end });
    at = end + 2;
  }
  const coding = headers["transfer-encoding"];
  const length = headers["content-length"];
  if (coding !== undefined && String(coding).toLowerCase() !== "chunked") throw bad("has an unknown transfer coding");
  if (coding !== undefined && length !== undefined) throw bad("has both a length and chunks");
  return {
    status: Number(line[2]),
    headers,
    isChunked: coding !== undefined,
    length: length === undefined ? null : lengthOf(length),
    idleMs: line[1] === "0" ? 0 : idleMs(headers),
  };
}

/** Where the line that begins there ends: both characters of a line end are there, or neither of them. */
function lineEnd(text: string, at: number): number {
  const feed = text.indexOf("\n", at);
  const end = feed < 0 ? text.length : feed - 1;
  if (text.indexOf("\r", at) !== (feed < 0 ? -1 : end)) throw bad("has a line end inside a line");
  return end;
}

/** Where a line of the head stands. */
interface Line {
  readonly nth: number;
  readonly at: number;
  readonly end: number;
}

function addHeader(headers: Record<string, string | string[]>, text: string, { nth, at, end }: Line): void {
  const colon = text.indexOf(":", at);
  if (colon < 0 || colon >= end) throw bad("has a line without a name");
  const name = nameAt(nth, text, at, colon);
  const value = text.slice(colon + 1, end).trim();
  const known = headers[name]; // of `constructor`, JavaScript's own
  if (typeof known === "string") headers[name] = [known, value];
  else if (Array.isArray(known)) known.push(value);
  else headers[name] = value;
}

/** A name as it was sent, and in lower case. */
interface Name {
  readonly sent: string;
  readonly lower: string;
}

/** Upstreams send the same few again and again. */
const names = new Map<string, Name>();
const MAX_NAMES = 256;
/** The names of the last head, in their order, which is the next one's too as a rule. */
const usual: Name[] = [];

function nameAt(nth: number, text: string, at: number, colon: number): string {
  const expected = usual[nth];
  if (expected?.sent.length === colon - at && text.startsWith(expected.sent, at)) return expected.lower;
  const name = nameOf(text.slice(at, colon));
  if (nth < MAX_NAMES) usual[nth] = name;
  return name.lower;
}

function nameOf(sent: string): Name {
  const known = names.get(sent);
  if (known !== undefined) return known;
  const lower = sent.toLowerCase();
  if (!NAME.test(lower) || lower === "__proto__") throw bad("has a name that is none");
  const name = { sent, lower };
  if (names.size < MAX_NAMES) names.set(sent, name);
  return name;
}

/** RFC 9110 8.6: the same length twice is one length. */
function lengthOf(value: string | string[]): number {
  const [first = "", ...others] = Array.isArray(value) ? value : value.split(/[ \t]*,[ \t]*/);
  if (!LENGTH.test(first) || others.some((other) => other !== first)) throw bad("has a length that is none");
  return Number(first);
}

function idleMs({ connection, "keep-alive": keepAlive }: UpstreamHeaders): number {
  if (connection !== undefined && /\b(?:close|upgrade)\b/i.test(String(connection))) return 0;
  const seconds = keepAlive === undefined ? undefined : /\btimeout=(\d{1,9})/i.exec(String(keepAlive))?.[1];
  if (seconds === undefined) return DEFAULT_IDLE_MS;
  return Math.max(0, Math.min(MAX_IDLE_MS, Number(seconds) * 1_000 - MARGIN_MS));
}

function bad(what: string): Http1Error {
  return new Http1Error("BAD_HEAD", `sent a head that ${what}`);
}
