import type { OutgoingHttpHeaders } from "node:http";
import type { ReplyHeaders } from "../upstream/reply.js";

/** Headers in the form Node.js writes, whose lists it may change. */
export function outgoingHeaders(headers: ReplyHeaders): OutgoingHttpHeaders {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, typeof value === "string" ? value : [...value]]),
  );
}
