import { GatewayError } from "../../errors.js";
import type { TerminalContext } from "../../spec/terminal.js";
import type { DialOptions } from "./reach/dialer.js";
import type { Target } from "./reach/reach.js";

/** Whose failures count together when the application itself connects. */
const APPLICATION = "application";

/** On whose behalf a connection is made, as the dialer wants to know it. */
export function dialOptions({ identity, prepared, signal }: TerminalContext): DialOptions {
  const owner = identity?.userId ?? identity?.id ?? APPLICATION;
  const trusted = prepared === true || identity === undefined || identity.role === "admin";
  return { owner, trusted, signal };
}

/** The host a request names. @throws GatewayError `invalid_request` */
export function targetOf({ host, port }: { readonly host?: string | undefined; readonly port: number }): Target {
  if (host === undefined) throw new GatewayError("invalid_request", { param: "host", details: "host: required" });
  return { host: host.replace(/^\[(.*)\]$/, "$1"), port };
}
