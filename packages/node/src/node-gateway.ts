import type { IncomingMessage, ServerResponse } from "node:http";
import { cleanPrefix, type Gateway, type Identity, OUTSIDE, targetBelow } from "@sluice/core";
import { answer } from "./answer.js";

/** Where a gateway is mounted. */
export interface MountOptions {
  /** Path the gateway lives under, such as `/ai`. @defaultValue none */
  readonly prefix?: string | undefined;
}

/** How a gateway is mounted on node:http. */
export interface NodeGatewayOptions extends MountOptions {
  /** The application's own authentication: who makes this request; null for nobody. Goes before the gateway's own. */
  readonly identify?: ((incoming: IncomingMessage) => Identity | null | Promise<Identity | null>) | undefined;
}

/** A listener for `http.createServer`, or a step in a chain of handlers that takes `next`. */
export type NodeListener = (incoming: IncomingMessage, outgoing: ServerResponse, next?: () => void) => void;

/**
 * Mounts a gateway on node:http. What is not the gateway's goes to `next`, or is answered 404 where there is none: below
 * a prefix everything is the gateway's, without one only the paths it serves.
 *
 * @example
 * ```ts
 * const gateway = new Gateway();
 * createServer(nodeGateway(gateway)).listen(3000);
 * ```
 * @throws TypeError for a prefix without a slash in front
 */
export function nodeGateway(gateway: Gateway, options: NodeGatewayOptions = {}): NodeListener {
  const prefix = cleanPrefix(options.prefix);
  const { identify } = options;
  return (incoming, outgoing, next) => {
    const url = targetBelow(prefix, incoming.url ?? "/");
    if (next && (url === null || (prefix === "" && !gateway.serves(url)))) return next();
    const peer = identify ? { identify: () => identify(incoming) } : undefined;
    void answer(gateway, incoming, outgoing, { url: url ?? OUTSIDE, peer });
  };
}
