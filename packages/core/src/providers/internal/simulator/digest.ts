import { createHash } from "node:crypto";

/** A short fingerprint: equal texts give equal identifiers. */
export function digestOf(...texts: readonly string[]): string {
  const hash = createHash("sha256");
  for (const text of texts) hash.update(text).update("\0");
  return hash.digest("hex").slice(0, 24);
}
