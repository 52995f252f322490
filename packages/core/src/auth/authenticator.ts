import type { Identity } from "../spec/http.js";
import type { TokenClaims, Tokens } from "./jwt.js";
import type { Keys } from "./keys.js";
import type { Revocations } from "./revocations.js";
import type { Users } from "./users.js";

/** What {@link authenticator} works with. */
export interface AuthenticatorOptions {
  readonly keys: Pick<Keys, "identify">;
  readonly users: Pick<Users, "find">;
  readonly tokens: Pick<Tokens, "verify">;
  readonly revocations: Pick<Revocations, "hasToken">;
}

/**
 * Says whose credential it is; null for nobody's. A promise only for a token that was not seen lately. `connection` is
 * what stands for the connection that brought it.
 */
export type Authenticate = (credential: string, connection?: object) => Identity | null | Promise<Identity | null>;

/** The one place where a credential becomes somebody. */
export function authenticator({ keys, users, tokens, revocations }: AuthenticatorOptions): Authenticate {
  /** Signature and time are right; whether the user has still these rights is asked each time. */
  function bearerOf(claims: TokenClaims | null): Identity | null {
    const user = claims ? users.find(claims.sub) : undefined;
    if (!claims || !user || user.tokenVersion !== claims.tv) return null;
    if (revocations.hasToken(claims)) return null;
    if (user.revoked.some(({ jti }) => jti === claims.jti)) return null;
    const { id, role, terminals } = user;
    return { id, kind: "user", userId: id, role, terminals, expiresAt: claims.exp * 1_000 };
  }

  return (credential, connection) => {
    if (credential.startsWith("slc_")) return keys.identify(credential, connection);
    const claims = tokens.verify(credential);
    return claims instanceof Promise ? claims.then(bearerOf) : bearerOf(claims);
  };
}
