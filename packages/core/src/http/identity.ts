import { GatewayError } from "../errors.js";
import type { GatewayRequest, Identity, Peer } from "../spec/http.js";
import type { Access } from "./route.js";
import type { Services } from "./services.js";

/** Everybody in development, where only this machine can call. */
const DEVELOPER: Identity = { id: "anonymous", role: "admin", kind: "anonymous" };
/** Whoever asks for a public route without saying who he is. */
const NOBODY: Identity = { id: "nobody", role: "client", kind: "anonymous" };

const RANKS = { public: 0, client: 1, viewer: 2, operator: 3, admin: 4 } as const satisfies Record<Access, number>;

/** A gateway key, or a JWT. */
const LOOKS_LIKE_OURS = /^(?:slc_|[\w-]+\.[\w-]+\.[\w-]*$)/;

/**
 * Says who is calling: by the host application where it has its own authentication, else by the mode. A promise only
 * where the application's own answer is one.
 * @throws GatewayError `unauthorized`
 */
export function identify(
  services: Services,
  request: GatewayRequest,
  peer: Peer | undefined,
  access: Access,
): Identity | Promise<Identity> {
  if (peer?.identify || services.identify) {
    const identity = peer?.identify ? peer.identify() : (services.identify?.(request, peer) ?? null);
    if (identity instanceof Promise) return identity.then((found) => found ?? stranger(services, access));
    return identity ?? stranger(services, access);
  }
  if (services.config.mode === "development") {
    const credential = credentialOf(request);
    if (credential === null || !LOOKS_LIKE_OURS.test(credential)) return DEVELOPER;
  }
  return stranger(services, access);
}

function stranger(services: Services, access: Access): Identity {
  if (access === "public") return NOBODY;
  throw new GatewayError("unauthorized", {
    details: howToAuthenticate(services),
    headers: { "www-authenticate": "Bearer" },
  });
}

/** @throws GatewayError `forbidden` when the role is below what the route asks. */
export function allow(identity: Identity, access: Access): void {
  if (RANKS[identity.role] < RANKS[access]) {
    throw new GatewayError("forbidden", { details: `this needs the role ${access}; yours is ${identity.role}` });
  }
}

/** Whether a caller may see what only viewers may, on a route that is public otherwise. */
export function mayView(identity: Identity): boolean {
  return identity !== NOBODY && RANKS[identity.role] >= RANKS.viewer;
}

function credentialOf({ headers }: GatewayRequest): string | null {
  const authorization = headers.get("authorization");
  if (authorization === null) return headers.get("x-api-key");
  return authorization.replace(/^Bearer\s+/i, "");
}

function howToAuthenticate({ config }: Services): string {
  if (config.mode === "development") return "this credential is not known here; leave it out in development";
  return "in production every call needs an identity; an application that embeds the gateway gives it with the `identify` option";
}
