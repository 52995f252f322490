import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { GatewayError } from "../errors.js";
import type { LiveEntries } from "../live-entries.js";
import type { MasterKey, MasterKeys } from "./master-keys.js";

/** The entry whose secrets are sealed: they open in no other. */
export interface SecretPlace {
  /** Kind of entry, such as `providers`. */
  readonly kind: string;
  readonly id: string;
}

/** An entry that holds its secrets sealed; null for none. */
export interface SealedEntry {
  readonly sealed: string | null;
}

const VERSION = "v1";
const FIELD = "secrets";
const KEY_BYTES = 32;
/** NIST SP 800-38D 5.2.1.1. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** RFC 3394 2.2.3.1. */
const WRAP_IV = Buffer.from("A6A6A6A6A6A6A6A6", "hex");
/** `v1.<kid>.<wrapped key>.<nonce>.<text>.<tag>`, all but the version in base64url. */
const SEALED = /^v1\.([\w-]{8})\.([\w-]+)\.([\w-]+\.[\w-]+\.[\w-]+)$/;

interface Parts {
  readonly kid: string;
  readonly wrapped: string;
  /** Nonce, text and tag, which another master key leaves as they are. */
  readonly rest: string;
}

/**
 * Keeps secrets readable for whoever has the master key, and for nobody else: those of each entry are encrypted
 * (AES-256-GCM) with a key of their own, which the master key wraps (RFC 3394).
 */
export class Sealer {
  readonly #keys: MasterKeys;
  readonly #seen: (secrets: unknown) => void;

  /** @param seen - told of everything that is sealed or opened, so that it can be kept out of logs */
  constructor(keys: MasterKeys, seen: (secrets: unknown) => void = () => {}) {
    this.#keys = keys;
    this.#seen = seen;
  }

  /** Seals a JSON value. @throws GatewayError `not_configured` where there is no master key */
  seal(secrets: unknown, place: SecretPlace): string {
    const master = this.#current();
    this.#seen(secrets);
    const key = randomBytes(KEY_BYTES);
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES }).setAAD(aadOf(place));
    const text = Buffer.concat([cipher.update(JSON.stringify(secrets)), cipher.final()]);
    const rest = [nonce, text, cipher.getAuthTag()].map((part) => part.toString("base64url")).join(".");
    return join({ kid: master.kid, wrapped: wrap(key, master), rest });
  }

  /**
   * The JSON value that was sealed.
   * @throws GatewayError `not_configured` without the master key that sealed it, `store_unavailable` where it was
   * damaged, or sealed for another entry
   */
  open(sealed: string, place: SecretPlace): unknown {
    const parts = partsOf(sealed, place);
    const key = this.#dataKey(parts, place);
    const [nonce, text, tag] = parts.rest.split(".").map((part) => Buffer.from(part, "base64url"));
    try {
      // The pattern has three parts; what is missing in them the decipher says.
      const decipher = createDecipheriv("aes-256-gcm", key, nonce as Buffer, { authTagLength: TAG_BYTES });
      decipher.setAAD(aadOf(place)).setAuthTag(tag as Buffer);
      const opened = Buffer.concat([decipher.update(text as Buffer), decipher.final()]);
      const secrets: unknown = JSON.parse(opened.toString("utf8"));
      this.#seen(secrets);
      return secrets;
    } catch (cause) {
      throw damaged(place, cause);
    }
  }

  /**
   * The same secrets under the current master key; the text itself where they are already. Nothing is decrypted.
   * @throws GatewayError `not_configured`, `store_unavailable`
   */
  reseal(sealed: string, place: SecretPlace): string {
    const master = this.#current();
    const parts = partsOf(sealed, place);
    if (parts.kid === master.kid) return sealed;
    return join({ kid: master.kid, wrapped: wrap(this.#dataKey(parts, place), master), rest: parts.rest });
  }

  /**
   * The same for every entry of a kind. Returns how many were changed.
   * @throws GatewayError `not_configured`, `store_unavailable`
   */
  async resealAll<Entry extends SealedEntry>(entries: LiveEntries<Entry>, kind: string): Promise<number> {
    let count = 0;
    for (const [id, entry] of entries.entries) {
      const place = { kind, id };
      if (!entry?.sealed || this.reseal(entry.sealed, place) === entry.sealed) continue;
      await entries.update(id, (current) =>
        current?.sealed ? { ...current, sealed: this.reseal(current.sealed, place) } : current,
      );
      count++;
    }
    return count;
  }

  #current(): MasterKey {
    if (this.#keys.current) return this.#keys.current;
    throw new GatewayError("not_configured", {
      details:
        "secrets are kept under a master key alone: set secrets.masterKey to 32 bytes, such as `openssl rand -hex 32` prints",
    });
  }

  #dataKey({ kid, wrapped }: Parts, place: SecretPlace): Buffer {
    const master = this.#keys.find(kid);
    if (!master) {
      throw new GatewayError("not_configured", {
        details: `${nameOf(place)} are sealed with the master key ${kid}, which is not here: set it as secrets.masterKey, or among secrets.retiredMasterKeys`,
      });
    }
    try {
      return unwrap(wrapped, master);
    } catch (cause) {
      throw damaged(place, cause);
    }
  }
}

/** What the text is bound to besides its key: it opens in no other entry and under no other version of this format. */
function aadOf({ kind, id }: SecretPlace): Buffer {
  return Buffer.from(`${kind}|${id}|${FIELD}|${VERSION}`);
}

function partsOf(sealed: string, place: SecretPlace): Parts {
  const [, kid, wrapped, rest] = SEALED.exec(sealed) ?? [];
  if (kid === undefined || wrapped === undefined || rest === undefined) throw damaged(place, undefined);
  return { kid, wrapped, rest };
}

function join({ kid, wrapped, rest }: Parts): string {
  return [VERSION, kid, wrapped, rest].join(".");
}

function wrap(key: Buffer, master: MasterKey): string {
  const cipher = createCipheriv("id-aes256-wrap", master.key, WRAP_IV);
  return Buffer.concat([cipher.update(key), cipher.final()]).toString("base64url");
}

function unwrap(wrapped: string, master: MasterKey): Buffer {
  const decipher = createDecipheriv("id-aes256-wrap", master.key, WRAP_IV);
  return Buffer.concat([decipher.update(Buffer.from(wrapped, "base64url")), decipher.final()]);
}

function nameOf({ kind, id }: SecretPlace): string {
  return `the secrets of ${JSON.stringify(id)} among the ${kind}`;
}

function damaged(place: SecretPlace, cause: unknown): GatewayError {
  return new GatewayError("store_unavailable", { details: `${nameOf(place)} are damaged`, cause });
}
