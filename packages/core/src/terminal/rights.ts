import { GatewayError } from "../errors.js";
import type { Identity, TerminalType } from "../spec/http.js";

/** Whom the sessions that the application opens for itself belong to. */
const APPLICATION = "application";

/** Whether somebody may open terminals of a kind. */
export function mayOpen(identity: Identity | undefined, type: TerminalType): boolean {
  return identity === undefined || isOperator(identity) || identity.terminals?.includes(type) === true;
}

/** @throws GatewayError `forbidden` when somebody may not open terminals of a kind. */
export function assertMayOpen(identity: Identity | undefined, type: TerminalType): void {
  if (mayOpen(identity, type)) return;
  throw new GatewayError("forbidden", { details: `this needs the role operator or the right terminal:${type}` });
}

/** Whether somebody may see and use a session. */
export function mayUse(identity: Identity | undefined, owner: string): boolean {
  return identity === undefined || identity.role === "admin" || ownerOf(identity) === owner;
}

/** Whom what somebody opens belongs to: the user, whichever key he uses. */
export function ownerOf(identity: Identity | undefined): string {
  return identity ? (identity.userId ?? identity.id) : APPLICATION;
}

function isOperator({ role }: Identity): boolean {
  return role === "operator" || role === "admin";
}
