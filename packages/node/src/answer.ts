import type { IncomingMessage, ServerResponse } from "node:http";
import type { Gateway, GatewayError, Peer } from "@sluice/core";
import { NodeRequest, type ParsedBody } from "./node-request.js";
import { peerOf } from "./peer.js";
import { writeResponse } from "./write-response.js";

/** What a framework knows of a request besides Node's own objects. */
export interface AnswerOptions {
  /** Path and query below the mount. @defaultValue those of the request */
  readonly url?: string | undefined;
  /** Where a body parser has left its result. @defaultValue the request itself, as Express has it */
  readonly parsed?: ParsedBody | undefined;
  /** What the framework knows better than the socket does. */
  readonly peer?: Peer | undefined;
  /** Takes errors instead of the caller, as long as nothing has been sent. @defaultValue errors are answered */
  readonly onError?: ((error: GatewayError) => void) | undefined;
}

/**
 * Answers one request with Node's own objects, which is what every adapter comes down to. Never rejects; resolves when
 * the answer, or the head of a stream, has been handed over.
 */
export async function answer(
  gateway: Gateway,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  options: AnswerOptions = {},
): Promise<void> {
  const { url = incoming.url ?? "/", parsed = incoming as ParsedBody, peer, onError } = options; // Express adds to it
  const request = new NodeRequest(incoming, outgoing, url, parsed);
  try {
    const response = await gateway.handle(request, peer ? { ...peerOf(incoming), ...peer } : peerOf(incoming));
    if (onError && response.error && !outgoing.destroyed) onError(response.error);
    else writeResponse(incoming, outgoing, response);
  } catch {
    outgoing.destroy(); // nothing is known that gets here; if something does, it costs one connection
  }
}
