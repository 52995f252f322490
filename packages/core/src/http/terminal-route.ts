import { z } from "zod";
import type { Actor } from "../spec/call.js";
import type { TerminalHandle } from "../spec/terminal-session.js";
import { isStillThere, knows } from "./identity.js";
import type { RouteContext } from "./route.js";
import { terminalsFor } from "./terminal-access.js";

/** What all routes of terminals share. The role is looked at where a terminal is opened: some callers have the right to one kind alone. */
export const TERMINAL_ROUTE = { tag: "Terminal", access: "client" } as const;

/** The answer of routes that have nothing to tell. */
export const DONE = { success: true as const };

type Context = RouteContext<unknown>;

/** Who calls, for as long as what he does lasts. */
export function actorOf({ services, request, identity, peer, requestId, isCarried }: Context): Actor {
  const isStillKnown = isCarried
    ? () => isStillThere(services, identity) // the credential has stayed where it was shown
    : () => knows(services, { request, peer, identity });
  return { identity, address: peer?.address, requestId, isStillKnown };
}

/** The terminal a path names. @throws GatewayError `not_found`, also for somebody else's */
export async function terminalOf(context: Context): Promise<TerminalHandle> {
  return (await terminalsFor(context)).find(context.params.id ?? "", actorOf(context));
}

/** A parameter that is on or off. */
export const Flag = z
  .enum(["0", "1", "false", "true"])
  .default("0")
  .transform((text) => text === "1" || text === "true");

/** A parameter that counts something. */
export function number(max: number) {
  return z
    .string()
    .regex(/^\d{1,15}$/, "must be a whole number")
    .transform(Number)
    .refine((value) => value <= max, `must be at most ${max}`);
}
