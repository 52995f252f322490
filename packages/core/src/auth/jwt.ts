import { type JWTHeaderParameters, type JWTPayload, jwtVerify, SignJWT } from "jose";
import { z } from "zod";
import type { Clock } from "../clock.js";
import { Recent } from "../recent.js";
import { ROLES, type Role } from "../spec/http.js";
import { digestOf } from "./api-key.js";
import type { Keyring } from "./keyring.js";

const ALGORITHM = "HS256";
const TYPE = "JWT";
const ISSUER = "sluice";
const AUDIENCE = "sluice";
/** Longer ones are refused unread: nobody we know sends them. */
const MAX_TOKEN_LENGTH = 4_096;
const CLOCK_TOLERANCE_SECONDS = 5;
/** A header with more in it, such as `jwk` or `jku`, asks to be verified in a way of its own. */
const HEADER_PARAMETERS = new Set(["alg", "kid", "typ"]);
const MAX_CACHED = 10_000;

const Claims = z.object({
  sub: z.string().min(1),
  role: z.enum(ROLES),
  jti: z.string().min(1),
  tv: z.int(),
  exp: z.int(),
});

/** What a verified token says. Whether it was revoked since is asked of the user it names, each time. */
export interface TokenClaims {
  /** The user. */
  readonly sub: string;
  readonly role: Role;
  /** The token's own name. */
  readonly jti: string;
  /** The user's token version when it was signed. */
  readonly tv: number;
  /** Seconds since the epoch. */
  readonly exp: number;
}

/** Whom a token is for. */
export type TokenSubject = Pick<TokenClaims, "sub" | "role" | "tv">;

/** What {@link Tokens} works with. */
export interface TokensOptions {
  readonly keyring: Keyring;
  readonly clock: Clock;
  readonly ttlSeconds: number;
}

interface Verified {
  readonly claims: TokenClaims;
  /** Wall clock, milliseconds. */
  readonly until: number;
}

/** Signs and verifies login tokens (RFC 7519) with HS256 and nothing else. */
export class Tokens {
  #options: TokensOptions;
  /** By the SHA-256 of the whole token: any part of it could be equal in two tokens. */
  readonly #verified = new Recent<Verified>();

  constructor(options: TokensOptions) {
    this.#options = options;
  }

  /** Signs and verifies with other secrets from now on, and for another time. */
  configure(rules: Omit<TokensOptions, "clock">): void {
    this.#options = { ...this.#options, ...rules };
    this.#verified.shrinkTo(0);
  }

  /** A new token. */
  sign({ sub, role, tv }: TokenSubject): Promise<string> {
    const { keyring, clock, ttlSeconds } = this.#options;
    const issuedAt = Math.floor(clock.now() / 1_000);
    return new SignJWT({ role, tv })
      .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid: keyring.current.kid })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setSubject(sub)
      .setJti(clock.id(""))
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + ttlSeconds)
      .sign(keyring.current.secret);
  }

  /** The claims of a good token, null for every other; a promise only for one that was not seen lately. */
  verify(token: string): TokenClaims | null | Promise<TokenClaims | null> {
    if (token.length > MAX_TOKEN_LENGTH) return null;
    const digest = digestOf(token).toString("base64");
    const known = this.#verified.get(digest);
    if (known && this.#options.clock.now() < known.until) return known.claims;
    this.#verified.delete(digest);
    return this.#check(token, digest);
  }

  async #check(token: string, digest: string): Promise<TokenClaims | null> {
    const { clock, ttlSeconds, keyring } = this.#options;
    let notAfter = 0;
    const keyOf = (header: JWTHeaderParameters): Uint8Array => {
      const key = this.#keyOf(header);
      ({ notAfter } = key);
      return key.secret;
    };
    let payload: JWTPayload;
    try {
      ({ payload } = await jwtVerify(token, keyOf, {
        algorithms: [ALGORITHM],
        typ: TYPE,
        issuer: ISSUER,
        audience: AUDIENCE,
        requiredClaims: ["sub", "role", "iat", "exp", "jti", "tv"],
        maxTokenAge: ttlSeconds,
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        currentDate: new Date(clock.now()),
      }));
    } catch {
      return null; // whatever is wrong with a token, its bearer learns no more than that
    }
    const claims = Claims.safeParse(payload);
    if (!claims.success) return null;
    if (this.#options.keyring !== keyring) return claims.data; // of secrets that are in force no more
    this.#remember(digest, { claims: claims.data, until: Math.min(claims.data.exp * 1_000, notAfter) });
    return claims.data;
  }

  #keyOf(header: JWTHeaderParameters): { readonly secret: Uint8Array; readonly notAfter: number } {
    const strange = Object.keys(header).some((name) => !HEADER_PARAMETERS.has(name));
    const key = strange ? undefined : this.#options.keyring.find(String(header.kid), this.#options.clock.now());
    if (!key) throw new TypeError("no key for this header");
    return key;
  }

  #remember(digest: string, verified: Verified): void {
    this.#verified.set(digest, verified);
    this.#verified.shrinkTo(MAX_CACHED);
  }
}
