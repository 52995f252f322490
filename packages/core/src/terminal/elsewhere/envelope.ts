import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from "node:crypto";
import type { Clock } from "../../clock.js";
import type { Mail } from "./mail.js";

const CIPHER = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** The clocks of two machines may be this far apart; what is older was sent before. */
const FRESH_MS = 300_000;

/**
 * Closes what instances send each other with a secret that they share: whoever can read and write in Redis neither reads
 * commands nor gives any, also by sending again what was sent before.
 */
export class Envelope {
  /** Names the secret without telling it. */
  readonly name: string;
  readonly #key: Buffer;
  readonly #clock: Clock;
  /** Calls of the last minutes, and when they came. */
  readonly #calls = new Map<string, number>();

  constructor(secret: string, clock: Clock) {
    this.#key = Buffer.from(hkdfSync("sha256", secret, "", "sluice terminals of other instances", 32));
    this.name = createHash("sha256").update(this.#key).digest("hex").slice(0, 16);
    this.#clock = clock;
  }

  /** @param to - the only instance that can open it */
  seal(mail: Mail, to: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.#key, nonce).setAAD(Buffer.from(to));
    const text = JSON.stringify({ at: this.#clock.now(), mail });
    const sealed = Buffer.concat([nonce, cipher.update(text, "utf8"), cipher.final()]);
    return Buffer.concat([sealed, cipher.getAuthTag()]).toString("base64");
  }

  /** What was sealed for `to`; null for what was not, is old, or has come before. */
  open(text: string, to: string): Mail | null {
    const bytes = Buffer.from(text, "base64");
    if (bytes.length < NONCE_BYTES + TAG_BYTES) return null;
    try {
      const decipher = createDecipheriv(CIPHER, this.#key, bytes.subarray(0, NONCE_BYTES)).setAAD(Buffer.from(to));
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
      const opened = Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
      const { at, mail } = JSON.parse(opened.toString("utf8")) as { at: number; mail: Mail }; // sealed by one of us
      return this.#isNew(at, mail) ? mail : null;
    } catch {
      return null;
    }
  }

  #isNew(at: number, { t, id }: Mail): boolean {
    const now = this.#clock.now();
    if (Math.abs(now - at) > FRESH_MS) return false;
    if (t !== "call") return true; // says something only about a call that is being answered
    for (const [known, cameAt] of this.#calls) {
      if (now - cameAt <= 2 * FRESH_MS) break; // the rest is younger
      this.#calls.delete(known);
    }
    if (this.#calls.has(id)) return false;
    this.#calls.set(id, now);
    return true;
  }
}
