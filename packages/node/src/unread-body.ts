import type { IncomingMessage, ServerResponse } from "node:http";

const MAX_DROPPED_BYTES = 1024 * 1024;
const MAX_DROPPING_MS = 1_000;

/**
 * For an answer that comes before the request's body was read. Closing at once would reset the connection and could lose
 * the answer; reading on for ever would let anyone keep us busy. So: read on a little, then close (RFC 9112 9.6).
 */
export function dropUnreadBody(incoming: IncomingMessage, outgoing: ServerResponse): void {
  if (!outgoing.headersSent) outgoing.setHeader("connection", "close");
  const { socket } = incoming;
  let dropped = 0;
  incoming.on("data", (chunk: Buffer) => {
    dropped += chunk.length;
    if (dropped > MAX_DROPPED_BYTES) socket.destroy();
  });
  incoming.resume();
  outgoing.on("finish", () => {
    const timer = setTimeout(() => socket.destroy(), MAX_DROPPING_MS);
    timer.unref();
    socket.on("close", () => clearTimeout(timer));
  });
}
