import type { IncomingMessage, ServerResponse } from "node:http";
import type { Gateway, Identity, Peer } from "@sluice/core";
import { answer } from "@sluice/node";

/** What the adapter reads of Express's request, in version 4 and 5. */
export interface ExpressRequest extends IncomingMessage {
  /** The path the gateway is mounted at, empty at the root. */
  readonly baseUrl: string;
  readonly app: { get(name: string): unknown };
  readonly ip?: string | undefined;
  readonly secure: boolean;
  readonly hostname: string;
}

/** How a gateway is mounted on Express. */
export interface ExpressGatewayOptions<Request extends ExpressRequest = ExpressRequest> {
  /**
   * The application's own authentication, such as `req.user`: who makes this request; null for nobody. Goes before the
   * gateway's own.
   */
  readonly identify?: ((request: Request) => Identity | null | Promise<Identity | null>) | undefined;
  /** `next` hands errors to the application's error handler, as `GatewayError`s. @defaultValue `answer`: in the documented shape */
  readonly errors?: "answer" | "next" | undefined;
}

/** An Express request handler. */
export type ExpressHandler<Request extends ExpressRequest = ExpressRequest> = (
  request: Request,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/**
 * Mounts a gateway on Express 4 or 5. At a path everything below it is the gateway's; at the root only what it serves,
 * the rest goes on to the application's other routes. Mount it before body parsers: it reads bodies itself, exactly.
 *
 * @example
 * ```ts
 * const gateway = new Gateway();
 * app.use("/ai", expressGateway(gateway));
 * ```
 */
export function expressGateway<Request extends ExpressRequest = ExpressRequest>(
  gateway: Gateway,
  options: ExpressGatewayOptions<Request> = {},
): ExpressHandler<Request> {
  const { identify, errors } = options;
  return (request, response, next) => {
    const url = request.url ?? "/";
    if (request.baseUrl === "" && !gateway.serves(url)) return next();
    const peer = {
      ...(request.app.get("trust proxy") ? behindProxy(request) : undefined),
      ...(identify ? { identify: () => identify(request) } : undefined),
    };
    void answer(gateway, request, response, { url, peer, onError: errors === "next" ? next : undefined });
  };
}

/** Express has checked who may say so: it believes the proxies that `trust proxy` names, and nobody else. */
function behindProxy({ ip, secure, hostname, headers }: ExpressRequest): Peer {
  const host = headers.host ?? "";
  const forwarded = hostname !== host.replace(/:\d+$/, "") ? { host: hostname } : undefined;
  // The port is the proxy's, which need not be ours.
  return { address: ip ?? "", encrypted: secure, localPort: undefined, ...forwarded };
}
