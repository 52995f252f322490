import type { IncomingMessage, ServerResponse } from "node:http";
import type { ByteSink, ByteStream, GatewayResponse } from "@sluice/core";
import { OwnResponse } from "./own-response.js";
import { endBeforeBody } from "./unread-body.js";

/** Writes a gateway answer to a Node response, with back-pressure. */
export function writeResponse(incoming: IncomingMessage, outgoing: ServerResponse, response: GatewayResponse): void {
  if (outgoing.destroyed) return;
  const { status, headers, body } = response;
  const unread = !incoming.complete;
  if (unread) outgoing.setHeader("connection", "close");
  if (body === null || typeof body === "string" || body instanceof Uint8Array) {
    if (status !== 204) headers["content-length"] ??= String(body === null ? 0 : Buffer.byteLength(body));
    writeHead(outgoing, status, headers);
    if (unread) endBeforeBody(incoming, outgoing, body);
    else if (outgoing instanceof OwnResponse) outgoing.endWhole(body);
    else outgoing.end(body ?? undefined);
    return;
  }
  writeHead(outgoing, status, headers);
  pipeStream(body, outgoing);
}

function writeHead(outgoing: ServerResponse, status: number, headers: Record<string, string>): void {
  if (outgoing instanceof OwnResponse) outgoing.writeWholeHead(status, headers);
  else outgoing.writeHead(status, headers);
}

/** Some middleware holds bytes back until it is told to flush, as `compression` does. */
interface Flushing {
  flush?(): void;
}

function pipeStream(body: ByteStream, outgoing: ServerResponse & Flushing): void {
  const flushes = typeof outgoing.flush === "function";
  const sink: ByteSink = {
    write(chunk) {
      const roomLeft = outgoing.write(chunk);
      if (flushes) outgoing.flush?.();
      return roomLeft;
    },
    end: () => void outgoing.end(),
    abort: () => void outgoing.destroy(),
  };
  const flow = body.pipe(sink);
  outgoing.on("drain", () => flow.drain());
}
