/**
 * The part of a request target below a prefix such as `/ai`: `/ai/v1/models?x` gives `/v1/models?x`, `/ai` gives `/`.
 * Null for a target that is elsewhere, `/air` included.
 */
export function targetBelow(prefix: string, target: string): string | null {
  if (prefix === "") return target;
  if (!target.startsWith(prefix)) return null;
  const rest = target.slice(prefix.length);
  if (rest === "") return "/";
  if (rest.startsWith("/")) return rest;
  return rest.startsWith("?") ? `/${rest}` : null;
}

/** A prefix without slashes at its end. @throws TypeError where it does not start with one */
export function cleanPrefix(prefix = ""): string {
  const clean = prefix.replace(/\/+$/, "");
  if (clean !== "" && !clean.startsWith("/")) throw new TypeError(`prefix: must start with a slash, such as /${clean}`);
  return clean;
}

/** A target that no route has: for requests that are not below the prefix and have nowhere else to go. */
export const OUTSIDE = "//";
