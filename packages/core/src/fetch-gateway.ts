import { fromFetchRequest, toFetchResponse } from "./http/fetch.js";
import { cleanPrefix, OUTSIDE, targetBelow } from "./http/prefix.js";
import type { GatewayRequest, GatewayResponse, Identity, Peer } from "./spec/http.js";

/** How a gateway is mounted where requests and answers are Fetch objects. */
export interface FetchMountOptions {
  /** Path the gateway lives under, such as `/api/ai`. @defaultValue none */
  readonly prefix?: string | undefined;
  /** The application's own authentication: who makes this request; null for nobody. Goes before the gateway's own. */
  readonly identify?: ((request: Request) => Identity | null | Promise<Identity | null>) | undefined;
  /**
   * Where a request came from, as the server under the application knows it: a Fetch request does not say. Without it
   * requests are not limited by address.
   */
  readonly address?: ((request: Request) => string | undefined) | undefined;
}

/**
 * Mounts a gateway where requests and answers are Fetch objects: Hono, route handlers of Next, Bun, Deno. The handler
 * looks at its first argument only, so that frameworks may pass what else they like.
 *
 * @example
 * ```ts
 * const handler = fetchGateway(gateway, { prefix: "/api/ai" });
 * export { handler as DELETE, handler as GET, handler as POST, handler as PUT };
 * ```
 * @throws TypeError for a prefix without a slash in front
 */
export function fetchGateway(
  gateway: { handle(request: GatewayRequest, peer?: Peer): Promise<GatewayResponse> },
  options: FetchMountOptions = {},
): (request: Request) => Promise<Response> {
  const prefix = cleanPrefix(options.prefix);
  const { identify, address } = options;
  return async (request) => {
    const leaving = new AbortController();
    const signal = AbortSignal.any([request.signal, leaving.signal]);
    const neutral = fromFetchRequest(request, urlBelow(prefix, request.url), signal);
    const peer = { identify: identify && (() => identify(request)), address: address?.(request) };
    return toFetchResponse(await gateway.handle(neutral, peer), () => leaving.abort());
  };
}

/** The URL without the prefix: it stays absolute, as its host may be all that tells of one. */
function urlBelow(prefix: string, url: string): string {
  if (prefix === "") return url;
  const path = url.indexOf("/", url.indexOf("://") + 3);
  return url.slice(0, path) + (targetBelow(prefix, url.slice(path)) ?? OUTSIDE);
}
