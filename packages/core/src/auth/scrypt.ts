import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from "node:crypto";
import type { PasswordHasher } from "../spec/password-hasher.js";

/** How dear a hash is: RFC 7914's N (as its logarithm), r and p. */
export interface ScryptCost {
  readonly logN: number;
  readonly r: number;
  readonly p: number;
}

/** OWASP's password storage sheet holds this equal to N = 2^17, r = 8, p = 1, at a quarter of the memory: 32 MiB. */
const COST: ScryptCost = { logN: 15, r: 8, p: 3 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** Node's own ceiling of 32 MiB is just too low for the cost above. */
const MAX_MEMORY_BYTES = 64 * 1024 * 1024;

/** `$scrypt$ln=15,r=8,p=3$salt$hash`, the PHC string format. */
const PHC = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]{2,})\$([A-Za-z0-9+/]{2,})$/;

/** Hashes with scrypt, at OWASP's cost unless told otherwise. */
export function scryptHasher(cost = COST): PasswordHasher {
  return {
    async hash(password) {
      const salt = randomBytes(SALT_BYTES);
      const hash = await derive(password, salt, HASH_BYTES, cost);
      return `$scrypt$ln=${cost.logN},r=${cost.r},p=${cost.p}$${unpadded(salt)}$${unpadded(hash)}`;
    },
    async verify(password, stored) {
      const known = parse(stored);
      return (
        known !== null && timingSafeEqual(await derive(password, known.salt, known.hash.length, known.cost), known.hash)
      );
    },
    isOutdated(stored) {
      const known = parse(stored)?.cost;
      return known?.logN !== cost.logN || known.r !== cost.r || known.p !== cost.p;
    },
  };
}

function derive(password: string, salt: Buffer, bytes: number, { logN, r, p }: ScryptCost): Promise<Buffer> {
  const options: ScryptOptions = { N: 2 ** logN, r, p, maxmem: MAX_MEMORY_BYTES };
  return new Promise((resolve, reject) => {
    // NFKC: the same password typed on another keyboard is the same password (RFC 8265 4.2).
    scrypt(password.normalize("NFKC"), salt, bytes, options, (error, key) => (error ? reject(error) : resolve(key)));
  });
}

function parse(stored: string): { readonly cost: ScryptCost; readonly salt: Buffer; readonly hash: Buffer } | null {
  const [, logN, r, p, salt, hash] = PHC.exec(stored) ?? [];
  if (salt === undefined || hash === undefined) return null;
  return {
    cost: { logN: Number(logN), r: Number(r), p: Number(p) },
    salt: Buffer.from(salt, "base64"),
    hash: Buffer.from(hash, "base64"),
  };
}

/** PHC strings leave base64's padding out. */
function unpadded(bytes: Buffer): string {
  return bytes.toString("base64").replace(/=+$/, "");
}
