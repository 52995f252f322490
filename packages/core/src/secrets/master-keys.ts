import { createHash, randomBytes } from "node:crypto";
import type { GatewayConfig } from "../schemas/options.js";

const KEY_BYTES = 32;
const KID_LENGTH = 8;

/** A key that the keys of single secrets are wrapped with. */
export interface MasterKey {
  /** Its name in whatever it sealed. Made from the key, so that instances agree without being told. */
  readonly kid: string;
  readonly key: Buffer;
}

/** The configured master keys: the first seals, all open. */
export interface MasterKeys {
  /** Null where nothing new can be sealed. */
  readonly current: MasterKey | null;
  find(kid: string): MasterKey | undefined;
}

/** The master keys of a configuration. @throws TypeError naming the option that is no key of 32 bytes */
export function configuredMasterKeys({ masterKey, retiredMasterKeys }: GatewayConfig["secrets"]): MasterKeys {
  return masterKeys(masterKey ? readMasterKey(masterKey, "masterKey") : null, retiredMasterKeys);
}

/** The same with a key that ends with the process. @throws TypeError naming the option that is no key of 32 bytes */
export function passingMasterKeys({ retiredMasterKeys }: GatewayConfig["secrets"]): MasterKeys {
  return masterKeys(masterKeyOf(randomBytes(KEY_BYTES)), retiredMasterKeys);
}

function masterKeys(current: MasterKey | null, retired: readonly string[]): MasterKeys {
  const old = retired.map((text, index) => readMasterKey(text, `retiredMasterKeys.${index}`));
  const keys = new Map([...old, ...(current ? [current] : [])].map((key) => [key.kid, key]));
  return { current, find: (kid) => keys.get(kid) };
}

function masterKeyOf(key: Buffer): MasterKey {
  const kid = createHash("sha256").update("kid:").update(key).digest("base64url").slice(0, KID_LENGTH);
  return { kid, key };
}

function readMasterKey(text: string, option: string): MasterKey {
  const isHex = /^[0-9a-f]{64}$/i.test(text);
  const isBase64 = /^[\w+/-]{43}=?$/.test(text);
  if (isHex || isBase64) return masterKeyOf(Buffer.from(text, isHex ? "hex" : "base64")); // which reads both alphabets
  throw new TypeError(
    `Gateway options: secrets.${option}: must be 32 bytes in hexadecimal or base64, as \`openssl rand -hex 32\` prints them`,
  );
}
