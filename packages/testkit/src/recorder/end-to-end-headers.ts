import type { IncomingHttpHeaders } from "node:http";
import type { ReplyHeaders } from "../upstream/reply.js";

/** Headers that mean one connection, not the message (RFC 9110 7.6.1). */
const HOP_BY_HOP = [
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

/** The headers that belong to a message, without those that belong to the connection it came by. */
export function endToEndHeaders(headers: ReplyHeaders | IncomingHttpHeaders): ReplyHeaders {
  const named = Object.entries(headers).flatMap(([name, value]) =>
    name.toLowerCase() === "connection" ? `${value}`.toLowerCase().split(/\s*,\s*/) : [],
  );
  const dropped = new Set([...HOP_BY_HOP, ...named]);
  const kept: Record<string, string | readonly string[]> = {};
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined && !dropped.has(name.toLowerCase())) kept[name] = value;
  return kept;
}
