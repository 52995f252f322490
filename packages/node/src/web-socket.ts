import type { IncomingMessage } from "node:http";
import { createRequire } from "node:module";
import type { Duplex } from "node:stream";
import { type MessageSocket, requirePeer } from "@sluice/core";
import type * as ws from "ws";

const MAX_MESSAGE_BYTES = 64 * 1024;
const PING_EVERY_MS = 30_000;

/** Makes WebSockets of upgrade requests. */
export interface WebSocketServer {
  /** Answers with 101 and hands over the connection; a request that is no proper handshake is refused. */
  accept(incoming: IncomingMessage, socket: Duplex, head: Buffer, take: (socket: MessageSocket) => void): void;
}

/** @throws GatewayError `not_installed` without the package `ws` */
export function webSocketServer(): WebSocketServer {
  const load = createRequire(import.meta.url);
  const library = requirePeer("ws", "Attaching to terminals", load) as typeof ws; // the package's own types
  const server = new library.WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    // The route has checked the protocols; the first is the one it speaks, a ticket never is.
    handleProtocols: (protocols) => [...protocols].find((each) => !each.startsWith("ticket.")) ?? false,
  });
  return {
    accept(incoming, socket, head, take) {
      server.handleUpgrade(incoming, socket, head, (connection) => take(messageSocket(connection)));
    },
  };
}

/** A WebSocket as the gateway uses it. One that answers no ping is dead, and ended. */
function messageSocket(connection: ws.WebSocket): MessageSocket {
  const socket: MessageSocket = {
    send: (message) => connection.send(message),
    close: (code, reason) => connection.close(code, reason),
    onMessage: () => {},
    onClose: () => {},
  };
  let alive = true;
  const pinging = setInterval(() => {
    if (!alive) return connection.terminate();
    alive = false;
    connection.ping();
  }, PING_EVERY_MS);
  pinging.unref();
  connection.on("pong", () => {
    alive = true;
  });
  connection.on("message", (data, isBinary) => {
    const bytes = data as Buffer; // the library's default form of a message
    socket.onMessage(isBinary ? bytes : bytes.toString("utf8"));
  });
  connection.on("close", () => {
    clearInterval(pinging);
    socket.onClose();
  });
  connection.on("error", () => connection.terminate()); // too long a message, or no WebSocket frames at all
  return socket;
}
