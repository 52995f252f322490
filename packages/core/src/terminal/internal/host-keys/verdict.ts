import { GatewayError } from "../../../errors.js";
import type { HostKeyPolicy } from "../../../schemas/host-key.js";
import { describeKey, fingerprintOf, type HostKey, hostKeyFrom, sameKey } from "./host-key.js";
import type { KnownKeys } from "./known-hosts.js";

/** The host, as messages name it, and the key it shows. */
export interface ShownKey {
  readonly name: string;
  readonly key: HostKey;
}

/**
 * Judges the key of a host before anything secret is sent to it. Returns whether the key is new and to be remembered.
 * A key of another type than the known ones counts as changed: otherwise whoever stands in between would offer one.
 * @throws GatewayError `host_key_changed`, `host_key_refused`
 */
export function judge(shown: ShownKey, known: KnownKeys, policy: HostKeyPolicy): "known" | "new" {
  if (known.revoked.some((key) => sameKey(key, shown.key))) {
    throw new GatewayError("host_key_refused", { details: `the key of ${shown.name} is revoked: ${told(shown)}` });
  }
  if (policy === "off" || known.trusted.some((key) => sameKey(key, shown.key))) return "known";
  if (known.trusted.length > 0) throw changed(shown, known.trusted.map(describeKey).join(", "));
  if (policy === "accept-new" && !known.certified) return "new";
  const why = known.certified ? "is vouched for by a certificate, which is not supported" : "is not known";
  throw new GatewayError("host_key_refused", { details: `the key of ${shown.name} ${why}: ${told(shown)}` });
}

/** The one key that was named for this connection. */
export interface PinnedKey {
  readonly fingerprint: string;
  /** Null when only the fingerprint is known. */
  readonly type: string | null;
}

/** Reads `SHA256:…`, or a public key such as `ssh-ed25519 AAAA…`; null for anything else. */
export function pinnedKey(text: string): PinnedKey | null {
  const [first = "", base64 = ""] = text.trim().split(/\s+/);
  if (/^SHA256:[A-Za-z0-9+/]{43}=?$/.test(first)) return { fingerprint: first.replace("=", ""), type: null };
  const key = hostKeyFrom(first, base64);
  return key && { fingerprint: fingerprintOf(key), type: key.type };
}

/** @throws GatewayError `host_key_changed` */
export function judgePinned(shown: ShownKey, pinned: PinnedKey): void {
  if (fingerprintOf(shown.key) !== pinned.fingerprint) throw changed(shown, pinned.fingerprint);
}

function changed(shown: ShownKey, expected: string): GatewayError {
  return new GatewayError("host_key_changed", {
    details: `${shown.name} shows ${told(shown)}, expected ${expected}; nothing secret was sent`,
  });
}

function told({ key }: ShownKey): string {
  return describeKey(key);
}
