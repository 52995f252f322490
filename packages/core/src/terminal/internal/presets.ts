import { GatewayError } from "../../errors.js";
import type { TerminalPreset } from "../../schemas/terminal.js";
import type { OpenRequest, TerminalContext, TerminalDriver } from "../../spec/terminal.js";

type Remote = "ssh" | "telnet";

/** What says where a connection goes and who one is there: with a preset all of it comes from the preset. */
const PREPARED = [
  "host",
  "username",
  "password",
  "privateKey",
  "passphrase",
  "hostKey",
  "hostKeyPolicy",
  "jump",
  "login",
] as const;

/** How prepared connections are opened. */
export interface PresetRules {
  /** A prepared connection, secrets and all. @throws GatewayError where its secrets cannot be read */
  readonly find: (name: string) => TerminalPreset | undefined;
  /** Whether nothing else may be opened. */
  readonly only: boolean;
}

/**
 * Opens prepared connections by their name. Whoever names one cannot change where it goes: its secrets would go there too.
 * @throws GatewayError `forbidden` without a preset where only those are open; `invalid_request`
 */
export function withPresets<Type extends Remote>(
  driver: TerminalDriver<Type>,
  { find, only }: PresetRules,
): TerminalDriver<Type> {
  function prepare(request: OpenRequest<Remote>, name: string): OpenRequest<Remote> {
    const preset = find(name);
    if (preset?.type !== driver.type) throw refused("preset", `there is no ${driver.type} preset of this name`);
    const field = PREPARED.find((key) => key in request && request[key as keyof typeof request] !== undefined);
    if (field) throw refused(field, "comes from the preset");
    return { ...request, ...preset } as OpenRequest<Remote>; // one kind, just compared
  }

  return {
    ...driver,
    open(request: OpenRequest<Type>, context: TerminalContext) {
      const name = request.preset;
      if (name === undefined && only) {
        throw new GatewayError("forbidden", {
          param: "preset",
          details: "only prepared connections are open: name a preset",
        });
      }
      if (name === undefined) return driver.open(request, context);
      // An admin prepared it, and so opened the private network it leads to.
      return driver.open(prepare(request, name) as OpenRequest<Type>, { ...context, prepared: true });
    },
  };
}

function refused(param: string, problem: string): GatewayError {
  return new GatewayError("invalid_request", { param, details: `${param}: ${problem}` });
}
