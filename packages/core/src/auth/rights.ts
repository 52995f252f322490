import { GatewayError } from "../errors.js";
import { type Scope, type StoredKey, terminalOf } from "../schemas/api-key.js";
import type { Operation } from "../schemas/operation.js";
import { type Identity, isAtLeast, type TerminalType } from "../spec/http.js";

/** What a key may do. */
export type KeyRights = Pick<StoredKey, "role" | "scopes" | "models" | "layers">;

/**
 * The rights a key may get from whoever gives them: those asked for, narrowed to the giver's own where less was named.
 * @throws GatewayError `forbidden`, naming what goes beyond the giver's own rights
 */
export function withinRights(wanted: KeyRights, giver: Identity | undefined): KeyRights {
  if (!giver) return wanted;
  if (!isAtLeast(giver.role, wanted.role)) throw beyond("role", wanted.role);
  if (giver.role !== "admin" && wanted.role !== "client") throw beyond("role", wanted.role);
  for (const scope of wanted.scopes ?? []) {
    const terminal = terminalOf(scope);
    if (terminal && !mayGiveTerminal(giver, terminal)) throw beyond("scopes", scope);
  }
  return {
    role: wanted.role,
    scopes: scopesWithin(wanted.scopes, giver.operations),
    models: within("models", wanted.models, giver.models),
    layers: within("layers", wanted.layers, giver.layers),
  };
}

/**
 * Refuses whoever would hold more than his own rights with a key in his hand.
 * @throws GatewayError `forbidden`, naming what goes beyond the holder's own rights
 */
export function assertWithin(rights: KeyRights, holder: Identity | undefined): void {
  const narrowed = withinRights(rights, holder);
  for (const field of ["scopes", "models", "layers"] as const) {
    if (rights[field] === null && narrowed[field] !== null) throw beyond(field, "all of them");
  }
}

/**
 * Refuses callers whose own rights are narrower than their role: whoever they made would not be.
 * @throws GatewayError `forbidden`
 */
export function assertUnrestricted(identity: Identity | undefined): void {
  if (!identity) return;
  const { models, layers, operations } = identity;
  if (models || layers || operations || isMeasured(identity)) {
    throw new GatewayError("forbidden", { details: "a caller with restricted rights cannot do this" });
  }
}

/**
 * Refuses keys that end, or have limits of their own: a key they made would have neither.
 * @throws GatewayError `forbidden`
 */
export function assertUnmeasured(identity: Identity | undefined): void {
  if (identity && isMeasured(identity)) {
    throw new GatewayError("forbidden", { details: "a key with an end or limits of its own cannot make keys" });
  }
}

/** A token of a user ends as well, but the user does not. */
function isMeasured({ kind, limits, expiresAt }: Identity): boolean {
  return kind === "key" && (limits !== undefined || expiresAt !== undefined);
}

function mayGiveTerminal({ role, operations, terminals = [] }: Identity, type: TerminalType): boolean {
  return terminals.includes(type) || (role === "admin" && operations === undefined);
}

/** Terminals are looked at apart: who may not give one may still give an operation. */
function scopesWithin(wanted: readonly Scope[] | null, operations: readonly Operation[] | undefined): Scope[] | null {
  if (!operations) return wanted && [...wanted];
  const terminals = (wanted ?? []).filter((scope) => terminalOf(scope) !== undefined);
  const asked = wanted?.filter((scope) => terminalOf(scope) === undefined) ?? null;
  return [...(within<Scope>("scopes", asked, operations) ?? []), ...terminals];
}

function within<Item extends string>(
  field: string,
  wanted: readonly Item[] | null,
  own: readonly Item[] | undefined,
): Item[] | null {
  if (!own) return wanted && [...wanted];
  const extra = wanted?.find((item) => !own.includes(item));
  if (extra !== undefined) throw beyond(field, extra);
  return [...(wanted ?? own)];
}

function beyond(field: string, value: string): GatewayError {
  return new GatewayError("forbidden", {
    param: field,
    details: `${field}: ${value} goes beyond your own rights, and a key cannot have more than its creator`,
  });
}
