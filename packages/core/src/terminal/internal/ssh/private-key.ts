import type { ParsedKey } from "ssh2";
import { GatewayError } from "../../../errors.js";
import type { Ssh2 } from "./peer.js";

/**
 * Reads a private key.
 * @throws GatewayError `invalid_request`, naming the field and never quoting the key
 */
export function parsePrivateKey(ssh2: Ssh2, text: string, passphrase: string | undefined): ParsedKey {
  const parsed = ssh2.utils.parseKey(text, passphrase);
  if (parsed instanceof Error) throw unreadable(parsed, passphrase);
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  if (!key?.isPrivateKey()) throw refused("privateKey", "privateKey: must be a private key, this is a public one");
  return key;
}

function unreadable({ message }: Error, passphrase: string | undefined): GatewayError {
  if (!/encrypted|passphrase|integrity/i.test(message)) {
    return refused("privateKey", "privateKey: must be a private key in PEM or OpenSSH form");
  }
  return passphrase === undefined
    ? refused("passphrase", "passphrase: required, the private key is encrypted")
    : refused("passphrase", "passphrase: does not open the private key");
}

function refused(param: string, details: string): GatewayError {
  return new GatewayError("invalid_request", { param, details });
}

/** A key that signs until it is told to forget how. */
export interface SigningKey {
  /** As the library wants it. */
  readonly key: ParsedKey;
  forget(): void;
}

/**
 * Wraps a private key: the library keeps what it signs with for as long as a connection lives, so it gets the public key
 * with a way to sign, which can be taken away.
 */
export function signingKey({ utils }: Ssh2, privateKey: ParsedKey): SigningKey {
  let held: ParsedKey | null = privateKey;
  const key = utils.parseKey(`${privateKey.type} ${privateKey.getPublicSSH().toString("base64")}`);
  if (key instanceof Error) throw key; // it was read a moment ago
  const sign = (data: Buffer, algorithm?: string): Buffer | Error =>
    held ? held.sign(data, algorithm) : new Error("the key is forgotten");
  Object.assign(key, { isPrivateKey: () => true, sign });
  return {
    key,
    forget() {
      held = null;
    },
  };
}
