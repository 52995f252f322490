import { createHash } from "node:crypto";

/** A server's public key. */
export interface HostKey {
  /** Such as `ssh-ed25519`. */
  readonly type: string;
  /** The key as it goes over the wire (RFC 4253 6.6). */
  readonly blob: Buffer;
}

/** Reads a key as it goes over the wire; null when it does not begin with a type. */
export function hostKeyOf(blob: Buffer): HostKey | null {
  if (blob.length < 4) return null;
  const length = blob.readUInt32BE(0);
  if (length === 0 || length > 64 || blob.length <= 4 + length) return null;
  return { type: blob.toString("latin1", 4, 4 + length), blob };
}

/** Reads a key in base64; null unless it is one of the type said. */
export function hostKeyFrom(type: string, base64: string): HostKey | null {
  const key = hostKeyOf(Buffer.from(base64, "base64"));
  return key?.type === type ? key : null;
}

/** The fingerprint as OpenSSH prints it: `SHA256:` and base64 without padding. */
export function fingerprintOf({ blob }: Pick<HostKey, "blob">): string {
  return `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;
}

/** Whether two keys are the same. They are public, so that the time this takes tells nobody anything. */
export function sameKey(one: HostKey, other: HostKey): boolean {
  return one.blob.equals(other.blob);
}

/** A key as a person reads it: type and fingerprint. */
export function describeKey(key: HostKey): string {
  return `${key.type} ${fingerprintOf(key)}`;
}
