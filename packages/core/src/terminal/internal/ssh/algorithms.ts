import type { Algorithms } from "ssh2";

const RSA = ["rsa-sha2-512", "rsa-sha2-256"] as const;
const OTHERS = ["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"] as const;
/** What is offered: everything ssh2 does by default that does not rest on SHA-1. */
const HOST_KEYS = [...OTHERS, ...RSA] as const;

/**
 * The library's defaults without SHA-1, and of the host's keys first those of a type that is known: the host then shows
 * the key that can be compared.
 */
export function algorithms(knownTypes: readonly string[]): Algorithms {
  const known = HOST_KEYS.filter((name) => knownTypes.includes(isRsa(name) ? "ssh-rsa" : name));
  return {
    serverHostKey: [...known, ...HOST_KEYS.filter((name) => !known.includes(name))],
    hmac: without("hmac-sha1", "hmac-sha1-etm@openssh.com"),
    kex: without("diffie-hellman-group-exchange-sha1", "diffie-hellman-group14-sha1", "diffie-hellman-group1-sha1"),
  };
}

function isRsa(name: string): boolean {
  return RSA.some((rsa) => rsa === name);
}

function without<Name>(...remove: Name[]): { append: Name[]; prepend: Name[]; remove: Name[] } {
  return { append: [], prepend: [], remove };
}
