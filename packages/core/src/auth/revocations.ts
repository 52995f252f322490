import type { TokenClaims } from "./jwt.js";

/** Something that is good no more. */
export type Revocation =
  | { readonly what: "key"; readonly id: string }
  /** One login; `until` is when it would have ended by itself, seconds since the epoch. */
  | { readonly what: "token"; readonly id: string; readonly until: number }
  /** Every login of a user with an older version than this. */
  | { readonly what: "user"; readonly id: string; readonly version: number };

/** The oldest are forgotten; the store has told of them long before. */
const MAX_REMEMBERED = 10_000;

/**
 * What other instances say is good no more. It holds at once, while what the store has to say of it is still on its way,
 * or cannot be read.
 */
export class Revocations {
  readonly #keys = new Map<string, true>();
  readonly #tokens = new Map<string, number>();
  readonly #users = new Map<string, number>();

  /** Takes one. */
  add(revocation: Revocation): void {
    const { what, id } = revocation;
    if (what === "key") remember(this.#keys, id, true);
    else if (what === "token") remember(this.#tokens, id, revocation.until);
    else remember(this.#users, id, Math.max(revocation.version, this.#users.get(id) ?? 0));
  }

  hasKey(id: string): boolean {
    return this.#keys.size > 0 && this.#keys.has(id);
  }

  hasToken({ jti, sub, tv }: Pick<TokenClaims, "jti" | "sub" | "tv">): boolean {
    if (this.#tokens.size > 0 && this.#tokens.has(jti)) return true;
    return this.#users.size > 0 && tv < (this.#users.get(sub) ?? 0);
  }
}

function remember<Value>(map: Map<string, Value>, id: string, value: Value): void {
  map.delete(id);
  map.set(id, value);
  const [oldest] = map.size > MAX_REMEMBERED ? map.keys() : [];
  if (oldest !== undefined) map.delete(oldest);
}
