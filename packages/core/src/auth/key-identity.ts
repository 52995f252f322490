import { type StoredKey, terminalOf } from "../schemas/api-key.js";
import type { Operation } from "../schemas/operation.js";
import { type Identity, isAtLeast } from "../spec/http.js";
import type { Users } from "./users.js";

/** Who a key is; null where the user it belongs to is gone. */
export function keyIdentity(key: StoredKey, users: Pick<Users, "find">): Identity | null {
  const { id, role, userId, scopes, models, layers, limits, expiresAt } = key;
  const owner = userId === null ? undefined : users.find(userId);
  if (userId !== null && !owner) return null;
  const terminals = (scopes ?? []).flatMap((scope) => terminalOf(scope) ?? []);
  const operations = scopes?.filter((scope): scope is Operation => terminalOf(scope) === undefined);
  return {
    id,
    kind: "key",
    // Whoever loses rights loses them for the keys made with them, too.
    role: owner && isAtLeast(role, owner.role) ? owner.role : role,
    ...(userId === null ? {} : { userId }),
    ...(terminals.length > 0 ? { terminals } : {}),
    ...(operations ? { operations } : {}),
    ...(models ? { models } : {}),
    ...(layers ? { layers } : {}),
    ...(limits ? { limits } : {}),
    ...(expiresAt === null ? {} : { expiresAt: Date.parse(expiresAt) }),
  };
}
