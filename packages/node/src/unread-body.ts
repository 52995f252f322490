import type { IncomingMessage, ServerResponse } from "node:http";

const MAX_DROPPED_BYTES = 1024 * 1024;
const MAX_DROPPING_MS = 1_000;

/**
 * Ends an answer that comes before the request's body was read. Node closes the connection with the answer's end, and
 * closing it with unread bytes resets it, which can take the answer back. So the answer goes out whole, its end waits:
 * for the rest of the body, at most a little of it, at most a little while (RFC 9112 9.6).
 */
export function endBeforeBody(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  body: string | Uint8Array | null,
): void {
  let dropped = 0;
  const end = () => {
    clearTimeout(timer);
    if (!outgoing.writableEnded) outgoing.end();
  };
  const timer = setTimeout(end, MAX_DROPPING_MS);
  timer.unref();
  if (body !== null) outgoing.write(body);
  incoming.on("data", (chunk: Buffer) => {
    dropped += chunk.length;
    if (dropped > MAX_DROPPED_BYTES) incoming.pause(); // the caller cannot send on, but reads
  });
  incoming.on("end", end);
  incoming.on("error", end);
  outgoing.on("close", () => clearTimeout(timer));
  incoming.resume();
}
