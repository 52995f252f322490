import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { cleanPrefix, type Gateway, type GatewayResponse, isGatewayError, targetBelow } from "@sluice/core";
import type { NodeGatewayOptions } from "./node-gateway.js";
import { peerOf } from "./peer.js";
import { rawResponse } from "./raw-response.js";
import { type WebSocketServer, webSocketServer } from "./web-socket.js";

/**
 * Lets terminals be attached to over WebSockets on a server the gateway is mounted on; `serve` does it by itself. Every
 * other upgrade below the gateway's paths is answered like a plain request. Needs the package `ws`.
 *
 * With this, Node.js takes every request that offers an upgrade for one that wants it, also from clients that offer HTTP/2
 * each time. Servers made with `UpgradeRequest` do not.
 */
export function attachUpgrade(server: Server, gateway: Gateway, options: NodeGatewayOptions = {}): void {
  const prefix = cleanPrefix(options.prefix);
  const { identify } = options;
  let webSockets: WebSocketServer | null = null;

  async function answer(incoming: IncomingMessage, socket: Duplex, head: Buffer, url: string): Promise<void> {
    const left = new AbortController();
    socket.once("close", () => left.abort());
    const request = {
      method: incoming.method ?? "GET",
      url,
      headers: { get: (name: string) => String(incoming.headers[name] ?? "") || null },
      signal: left.signal,
      arrayBuffer: () => Promise.resolve(new ArrayBuffer(0)),
    };
    const peer = { ...peerOf(incoming), canUpgrade: true, ...(identify ? { identify: () => identify(incoming) } : {}) };
    const response = await gateway.handle(request, peer);
    if (!response.upgrade) return void socket.end(plainResponse(response));
    webSockets ??= webSocketServer();
    webSockets.accept(incoming, socket, head, response.upgrade);
  }

  server.on("upgrade", (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on("error", () => socket.destroy());
    const url = targetBelow(prefix, incoming.url ?? "/");
    // Another part of the application upgrades here.
    if (url === null || (prefix === "" && server.listenerCount("upgrade") > 1 && !gateway.serves(url))) return;
    answer(incoming, socket, head, url).catch((error: unknown) => {
      const body = isGatewayError(error)
        ? { error: error.message, details: error.details }
        : { error: "Internal error" };
      socket.end(rawResponse(isGatewayError(error) ? error.status : 500, JSON.stringify(body)));
    });
  });
}

const NO_UPGRADE = JSON.stringify({ error: "Invalid request", details: "this path does not upgrade" });

/** Whoever asks for an upgrade where there is none gets the plain answer (RFC 9110 7.8); a stream would never end here. */
function plainResponse({ status, headers, body }: GatewayResponse): string {
  return typeof body === "string" ? rawResponse(status, body, headers) : rawResponse(400, NO_UPGRADE);
}
