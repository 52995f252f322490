import { GatewayError, isGatewayError } from "../errors.js";
import { type GatewayRequest, type Identity, isAtLeast, type Peer, ROLES } from "../spec/http.js";
import type { Access } from "./route.js";
import type { Services } from "./services.js";

/** Everybody in development, where only this machine can call. */
const DEVELOPER: Identity = { id: "anonymous", role: "admin", kind: "anonymous" };
/** Whoever asks for a public route without saying who he is. */
export const NOBODY: Identity = { id: "nobody", role: "client", kind: "anonymous" };

/** A gateway key, or a JWT. */
const LOOKS_LIKE_OURS = /^(?:slc_|[\w-]+\.[\w-]+\.[\w-]*$)/;

/**
 * Says who is calling: by the host application where it has its own authentication, else by the credential, else by the
 * mode. A promise only where somebody has to be asked who is not in memory.
 * @throws GatewayError `unauthorized`
 */
export function identify(
  services: Services,
  request: GatewayRequest,
  peer: Peer | undefined,
  access: Access,
): Identity | Promise<Identity> {
  if (peer?.identify || services.identify) {
    const asked = () => (peer?.identify ? peer.identify() : (services.identify?.(request, peer) ?? null));
    if (access === "public") return anybody(services, asked);
    const identity = asked();
    if (identity instanceof Promise) return identity.then((found) => hosts(found) ?? stranger(services, access, null));
    return hosts(identity) ?? stranger(services, access, null);
  }
  const credential = credentialOf(request);
  const isOurs = credential !== null && LOOKS_LIKE_OURS.test(credential);
  if (isOurs) {
    const identity = services.auth.identify(credential, peer?.connection);
    if (identity instanceof Promise) return identity.then((found) => found ?? stranger(services, access, credential));
    return identity ?? stranger(services, access, credential);
  }
  // Client libraries insist on a key; in development whatever they send says nothing.
  return services.config.mode === "development" ? DEVELOPER : stranger(services, access, credential);
}

/** Who asks for a public route: it is answered whether or not the application can say, as probes have to be. */
async function anybody(services: Services, ask: () => Identity | null | Promise<Identity | null>): Promise<Identity> {
  try {
    return hosts(await ask()) ?? NOBODY;
  } catch (error) {
    services.logger.error({ err: error }, "identify failed; the caller of a public route is taken for nobody");
    return NOBODY;
  }
}

/**
 * Somebody the host application knows. Where its `identify` says less than who it is and what he may, it is mistaken, and
 * everybody would be one and the same.
 * @throws TypeError then, which is answered 500 and logged
 */
function hosts(identity: Identity | null | undefined): Identity | null {
  if (!identity) return null;
  const { id, role } = identity;
  if (typeof id === "string" && id !== "" && ROLES.includes(role)) return identity;
  throw new TypeError(`identify: an identity has an id, which is a text, and a role: ${ROLES.join(", ")}`);
}

function stranger(services: Services, access: Access, credential: string | null): Identity {
  if (access === "public") return NOBODY;
  throw new GatewayError("unauthorized", {
    details: (credential && services.auth.faultOf(credential)) ?? howToAuthenticate(services),
    headers: { "www-authenticate": "Bearer" },
  });
}

/** Whether the credential of an earlier request is still the same caller's: a token ends, and a key is revoked. */
export async function knows(
  services: Services,
  { request, peer, identity }: { request: GatewayRequest; peer: Peer | undefined; identity: Identity },
): Promise<boolean> {
  try {
    const now = await identify(services, request, peer, "client");
    return now.id === identity.id && isAtLeast(now.role, identity.role);
  } catch (error) {
    // What cannot be looked up just now is not known to be gone.
    return !(isGatewayError(error) && error.code === "unauthorized");
  }
}

/** The same of somebody whom another instance has identified: as far as it is known who he is without his credential. */
export async function isStillThere(services: Services, identity: Identity): Promise<boolean> {
  try {
    const me = services.auth.describe(identity);
    return isAtLeast(me?.key?.role ?? me?.user?.role ?? identity.role, identity.role);
  } catch (error) {
    return !(isGatewayError(error) && error.code === "not_found");
  }
}

/** @throws GatewayError `forbidden` when the role is below what the route asks. */
export function allow({ role }: Identity, access: Access): void {
  if (access === "public" || isAtLeast(role, access)) return;
  throw new GatewayError("forbidden", { details: `this needs the role ${access}; yours is ${role}` });
}

/** Whether a caller may see what only viewers may, on a route that is public otherwise. */
export function mayView(identity: Identity): boolean {
  return identity !== NOBODY && isAtLeast(identity.role, "viewer");
}

/** What a request shows for itself, the same in either header; null for nothing. */
export function credentialOf({ headers }: GatewayRequest): string | null {
  const authorization = headers.get("authorization");
  if (authorization === null) return headers.get("x-api-key");
  return authorization.replace(/^Bearer\s+/i, "");
}

function howToAuthenticate({ config, identify }: Services): string {
  if (identify) return "the application this gateway is part of does not know you";
  if (config.mode === "development") return "this credential is not known here; leave it out in development";
  return "send an API key or a login token as Authorization: Bearer or x-api-key; an application that embeds the gateway may give identities itself with the `identify` option";
}
