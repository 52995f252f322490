import { hash, randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";

/** `slc_`, 8 characters that name the key, 43 (256 bits) nobody can guess, 6 of checksum: all base62, at fixed places. */
const PREFIX = "slc_";
const ID_LENGTH = 8;
const SECRET_LENGTH = 43;
const CHECKSUM_LENGTH = 6;
const ID_END = PREFIX.length + ID_LENGTH;
const CHECKED_LENGTH = ID_END + SECRET_LENGTH;
const KEY_LENGTH = CHECKED_LENGTH + CHECKSUM_LENGTH;

const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const SHAPE = /^slc_[0-9A-Za-z]+$/;
/** The largest multiple of 62 in a byte: what lies above would make some characters likelier than others. */
const FAIR_BYTES = 248;

/** A new name for a key. */
export function newKeyId(): string {
  return randomBase62(ID_LENGTH);
}

/** A new key of that name. Not from the Clock: a key must be unguessable whatever a test puts in its place. */
export function newApiKey(id: string): string {
  const checked = PREFIX + id + randomBase62(SECRET_LENGTH);
  return checked + checksum(checked);
}

/** The name in a key, or null for a text that cannot be one. */
export function keyIdOf(text: string): string | null {
  return text.length === KEY_LENGTH && text.startsWith(PREFIX) ? text.slice(PREFIX.length, ID_END) : null;
}

/** Whether a text is a whole key as some gateway made it: tells a typing mistake from a wrong key, without a look-up. */
export function isWholeKey(text: string): boolean {
  if (text.length !== KEY_LENGTH || !SHAPE.test(text)) return false;
  return checksum(text.slice(0, CHECKED_LENGTH)) === text.slice(CHECKED_LENGTH);
}

/** What of a key may be shown. */
export function shownPrefix(id: string): string {
  return PREFIX + id;
}

/** SHA-256 of a whole credential. A key has 256 random bits, so nothing slower is needed to keep it from being found. */
export function digestOf(credential: string): Buffer {
  return hash("sha256", credential, "buffer");
}

function randomBase62(length: number): string {
  let text = "";
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      if (byte < FAIR_BYTES && text.length < length) text += BASE62[byte % BASE62.length];
    }
  }
  return text;
}

/** CRC-32 in base62. */
function checksum(text: string): string {
  let rest = crc32(text);
  let digits = "";
  while (digits.length < CHECKSUM_LENGTH) {
    digits = (BASE62[rest % BASE62.length] ?? "") + digits;
    rest = Math.floor(rest / BASE62.length);
  }
  return digits;
}
