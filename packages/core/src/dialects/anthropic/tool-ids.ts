import { createHash } from "node:crypto";

/** What the Messages API accepts as an id of a tool call. */
const VALID = /^[a-zA-Z0-9_-]{1,128}$/;

/** The id itself where it is valid, else one made of it: the same for a call and for its result. */
export function toolId(id: string): string {
  return VALID.test(id) ? id : `id_${createHash("sha256").update(id).digest("hex").slice(0, 32)}`;
}
