import type { IncomingMessage, ServerResponse } from "node:http";
import type { TLSSocket } from "node:tls";
import type { Gateway } from "@sluice/core";
import { NodeRequest } from "./node-request.js";
import { writeResponse } from "./write-response.js";

/** How a gateway is mounted. */
export interface MountOptions {
  /** Path the gateway lives under, such as `/ai`. @defaultValue none */
  readonly prefix?: string | undefined;
}

/** A listener for `http.createServer`, or a step in a chain of handlers that takes `next`. */
export type NodeListener = (incoming: IncomingMessage, outgoing: ServerResponse, next?: () => void) => void;

/**
 * Mounts a gateway on node:http. With a prefix, other paths go to `next`, or are answered 404 where there is none.
 *
 * @example
 * ```ts
 * const gateway = new Gateway();
 * createServer(nodeGateway(gateway)).listen(3000);
 * ```
 */
export function nodeGateway(gateway: Gateway, options: MountOptions = {}): NodeListener {
  const prefix = (options.prefix ?? "").replace(/\/+$/, "");
  return (incoming, outgoing, next) => {
    const url = below(prefix, incoming.url ?? "/");
    if (url === null && next) return next();
    const request = new NodeRequest(incoming, outgoing, url ?? incoming.url ?? "/");
    const { socket } = incoming;
    const peer = {
      address: socket.remoteAddress ?? "",
      localPort: socket.localPort,
      encrypted: (socket as TLSSocket).encrypted === true, // undefined on a plain socket
    };
    gateway
      .handle(request, peer)
      .then((response) => writeResponse(incoming, outgoing, response))
      // Nothing is known that gets here; if something does, it costs one connection and not the process.
      .catch(() => outgoing.destroy());
  };
}

/** The target below the prefix; null for one that is elsewhere. */
function below(prefix: string, url: string): string | null {
  if (prefix === "") return url;
  if (!url.startsWith(prefix)) return null;
  const rest = url.slice(prefix.length);
  if (rest === "") return "/";
  if (rest.startsWith("/")) return rest;
  return rest.startsWith("?") ? `/${rest}` : null;
}
