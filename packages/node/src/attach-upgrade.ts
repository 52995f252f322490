import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { cleanPrefix, type Gateway, type GatewayResponse, targetBelow } from "@sluice/core";
import type { MountOptions } from "./node-gateway.js";
import { rawResponse } from "./raw-response.js";

/**
 * Answers upgrade requests (WebSocket) that reach a server the gateway is mounted on. The gateway has no route that
 * upgrades yet, so each is answered like a plain request: guarded, matched, and refused in the documented shape.
 * Only for applications that have upgrades of their own: without a listener Node.js ignores the wish and answers plainly,
 * which is what clients that offer HTTP/2 with every request need.
 */
export function attachUpgrade(server: Server, gateway: Gateway, options: MountOptions = {}): void {
  const prefix = cleanPrefix(options.prefix);
  server.on("upgrade", (incoming: IncomingMessage, socket: Duplex) => {
    socket.on("error", () => socket.destroy());
    const url = targetBelow(prefix, incoming.url ?? "/");
    // Another part of the application upgrades here.
    if (url === null || (prefix === "" && server.listenerCount("upgrade") > 1 && !gateway.serves(url))) return;
    const request = {
      method: incoming.method ?? "GET",
      url,
      headers: { get: (name: string) => String(incoming.headers[name] ?? "") || null },
      signal: new AbortController().signal,
      arrayBuffer: () => Promise.resolve(new ArrayBuffer(0)),
    };
    const peer = { address: incoming.socket.remoteAddress ?? "", localPort: incoming.socket.localPort };
    void gateway.handle(request, peer).then((response) => socket.end(plainResponse(response)));
  });
}

const NO_UPGRADE = JSON.stringify({ error: "Invalid request", details: "this path does not upgrade" });

function plainResponse({ status, body }: GatewayResponse): string {
  const refused = status >= 400 && typeof body === "string";
  return rawResponse(refused ? status : 400, refused ? body : NO_UPGRADE);
}
