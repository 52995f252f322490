import { createHash, randomBytes } from "node:crypto";
import type { GatewayConfig } from "../schemas/options.js";

/** RFC 7518 3.2: a key as long as the hash at least. */
export const MIN_SECRET_BYTES = 32;
const KID_LENGTH = 8;

/** A secret that tokens are signed with. */
export interface SigningKey {
  /** Its name in the header of a token. Made from the secret, so instances agree without being told. */
  readonly kid: string;
  readonly secret: Uint8Array;
  /** Until when tokens it signed are good; wall clock, milliseconds. */
  readonly notAfter: number;
}

/** A secret that signs no more, but whose tokens are good until a time. */
export interface RetiredSecret {
  readonly secret: string;
  /** ISO 8601. */
  readonly notAfter: string;
}

/** The secrets of a gateway: the first signs, all verify, each until its time is over. */
export class Keyring {
  /** What new tokens are signed with. */
  readonly current: SigningKey;
  readonly #keys: ReadonlyMap<string, SigningKey>;

  constructor(secret: string | null, retired: readonly RetiredSecret[] = []) {
    this.current = signingKey(secret === null ? randomBytes(MIN_SECRET_BYTES) : Buffer.from(secret), Infinity);
    const old = retired.map((each) => signingKey(Buffer.from(each.secret), Date.parse(each.notAfter)));
    this.#keys = new Map([...old, this.current].map((key) => [key.kid, key]));
  }

  /** The key of that name, where tokens it signed are still good. */
  find(kid: string, now: number): SigningKey | undefined {
    const key = this.#keys.get(kid);
    return key && now < key.notAfter ? key : undefined;
  }
}

function signingKey(secret: Uint8Array, notAfter: number): SigningKey {
  const kid = createHash("sha256").update("kid:").update(secret).digest("base64url").slice(0, KID_LENGTH);
  return { kid, secret, notAfter };
}

/**
 * The keyring of a configuration. Without a secret, tokens end with the process. In development one that is too short
 * counts as none; in production it is refused.
 * @throws TypeError naming the option
 */
export function configuredKeyring({ mode, auth }: Pick<GatewayConfig, "mode" | "auth">): Keyring {
  const { jwtSecret, retiredJwtSecrets } = auth;
  const short = [jwtSecret, ...retiredJwtSecrets.map(({ secret }) => secret)].some(isTooShort);
  if (short && mode === "production") {
    throw new TypeError(`Gateway options: auth.jwtSecret: must have at least ${MIN_SECRET_BYTES} bytes`);
  }
  const usable = jwtSecret === null || jwtSecret === undefined || isTooShort(jwtSecret) ? null : jwtSecret;
  return new Keyring(
    usable,
    retiredJwtSecrets.filter(({ secret }) => !isTooShort(secret)),
  );
}

/** Whether there is a secret, and it is shorter than what it signs with. */
export function isTooShort(secret: string | null | undefined): boolean {
  return secret !== null && secret !== undefined && Buffer.byteLength(secret) < MIN_SECRET_BYTES;
}
