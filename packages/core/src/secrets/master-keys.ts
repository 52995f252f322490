import { createHash, randomBytes } from "node:crypto";
import { GatewayError } from "../errors.js";
import type { GatewayConfig } from "../schemas/options.js";
import type { FetchMasterKey } from "../spec/master-key.js";

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
  /** Gets what is not in the configuration. Safe to call again. @throws GatewayError `not_configured` */
  open?(): Promise<void>;
}

/** The master keys of a configuration. @throws TypeError naming the option that is no key of 32 bytes */
export function configuredMasterKeys({ masterKey, retiredMasterKeys }: GatewayConfig["secrets"]): MasterKeys {
  return masterKeys(masterKey ? readMasterKey(masterKey, "masterKey") : null, retiredMasterKeys);
}

/**
 * The master keys in force, and how others come into force while secrets are sealed and opened.
 * @typeParam Settings - what they are made from
 */
export class HeldMasterKeys<Settings> implements MasterKeys {
  readonly #make: (settings: Settings) => MasterKeys;
  #keys: MasterKeys;

  /** @param make - @throws TypeError naming the option that is no key of 32 bytes */
  constructor(make: (settings: Settings) => MasterKeys, first: Settings) {
    this.#make = make;
    this.#keys = make(first);
  }

  get current(): MasterKey | null {
    return this.#keys.current;
  }

  find(kid: string): MasterKey | undefined {
    return this.#keys.find(kid);
  }

  async open(): Promise<void> {
    await this.#keys.open?.();
  }

  /**
   * Does something as it will be under other keys, and then has those before again.
   * @returns what was done, and how to put the other keys into force
   * @throws TypeError naming the option that is no key of 32 bytes, and what `work` throws
   */
  under<Result>(settings: Settings, work: () => Result): { readonly result: Result; use(): void } {
    const [before, next] = [this.#keys, this.#make(settings)];
    const use = () => {
      this.#keys = next;
    };
    use();
    try {
      return { result: work(), use };
    } finally {
      this.#keys = before;
    }
  }
}

/** The same with a key that ends with the process. @throws TypeError naming the option that is no key of 32 bytes */
export function passingMasterKeys(): (secrets: GatewayConfig["secrets"]) => MasterKeys {
  const key = masterKeyOf(randomBytes(KEY_BYTES));
  return ({ retiredMasterKeys }) => masterKeys(key, retiredMasterKeys);
}

/** The same with a key that is fetched when the gateway opens. @throws TypeError naming the option that is no key of 32 bytes */
export function fetchedMasterKeys(fetch: FetchMasterKey): (secrets: GatewayConfig["secrets"]) => MasterKeys {
  let fetched: MasterKey | null = null;
  return ({ retiredMasterKeys }) => {
    const retired = masterKeys(null, retiredMasterKeys);
    return {
      get current() {
        return fetched;
      },
      find: (kid) => (fetched?.kid === kid ? fetched : retired.find(kid)),
      async open() {
        try {
          fetched ??= readMasterKey(await fetch(), "masterKey");
        } catch (cause) {
          throw new GatewayError("not_configured", { details: "the master key could not be fetched", cause });
        }
      },
    };
  };
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
