import type { IncomingMessage, ServerResponse } from "node:http";
import { cleanPrefix, type Gateway, type GatewayError, type Identity, type Peer, targetBelow } from "@sluice/core";
import { answer, type ParsedBody } from "@sluice/node";

/** What the adapter reads of Koa's context, in version 2 and 3. */
export interface KoaContext {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  /** Koa's own request; body parsers leave their result in it. */
  readonly request: object;
  readonly app: { readonly proxy: boolean };
  readonly ip: string;
  readonly secure: boolean;
  readonly host: string;
  /** False keeps Koa from answering. */
  respond?: boolean | undefined;
  /** Where `koa-mount` has mounted this. */
  readonly mountPath?: string | undefined;
}

/** How a gateway is mounted on Koa. */
export interface KoaGatewayOptions<Context extends KoaContext = KoaContext> {
  /** Path the gateway lives under, such as `/ai`. @defaultValue none */
  readonly prefix?: string | undefined;
  /**
   * The application's own authentication, such as `ctx.state.user`: who makes this request; null for nobody. Goes before
   * the gateway's own.
   */
  readonly identify?: ((context: Context) => Identity | null | Promise<Identity | null>) | undefined;
  /** `throw` hands errors to the middleware before this one, as `GatewayError`s. @defaultValue `answer`: in the documented shape */
  readonly errors?: "answer" | "throw" | undefined;
}

/** A Koa middleware. */
export type KoaMiddleware<Context extends KoaContext = KoaContext> = (
  context: Context,
  next: () => Promise<unknown>,
) => Promise<void>;

/**
 * Mounts a gateway on Koa 2 or 3. Below a prefix everything is the gateway's; without one only what it serves, the rest
 * goes on to the next middleware. Mount it before body parsers: it reads bodies itself, exactly. It resolves when the
 * answer has gone out, so that middleware before it can tell the time it took.
 *
 * @example
 * ```ts
 * const gateway = new Gateway();
 * app.use(koaGateway(gateway, { prefix: "/ai" }));
 * ```
 * @throws TypeError for a prefix without a slash in front
 */
export function koaGateway<Context extends KoaContext = KoaContext>(
  gateway: Gateway,
  options: KoaGatewayOptions<Context> = {},
): KoaMiddleware<Context> {
  const prefix = cleanPrefix(options.prefix);
  const { identify, errors } = options;
  return async (context, next) => {
    const { req: incoming, res: outgoing } = context;
    const url = targetBelow(prefix, incoming.url ?? "/");
    const atRoot = prefix === "" && context.mountPath === undefined;
    if (url === null || (atRoot && !gateway.serves(url))) return void (await next());
    const peer = {
      ...(context.app.proxy ? behindProxy(context) : undefined),
      ...(identify ? { identify: () => identify(context) } : undefined),
    };
    // Koa would turn bodies into streams of its own, and complain when a caller leaves one.
    context.respond = false;
    const error = await answered((onError) => {
      const parsed: ParsedBody = context.request;
      void answer(gateway, incoming, outgoing, {
        url,
        parsed,
        peer,
        onError: errors === "throw" ? onError : undefined,
      });
    }, outgoing);
    if (!error) return;
    context.respond = true;
    throw error;
  };
}

/** Resolves when the answer has gone out or its caller has gone, or with the error that is the application's to answer. */
function answered(
  start: (onError: (error: GatewayError) => void) => void,
  outgoing: ServerResponse,
): Promise<GatewayError | undefined> {
  return new Promise((resolve) => {
    outgoing.once("close", () => resolve(undefined));
    start(resolve);
  });
}

/** Koa has been told to believe the proxy in front of it. */
function behindProxy({ ip, secure, host, req }: KoaContext): Peer {
  const forwarded = host !== "" && host !== req.headers.host ? { host } : undefined;
  // The port is the proxy's, which need not be ours.
  return { address: ip, encrypted: secure, localPort: undefined, ...forwarded };
}
