import { existsSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename } from "node:path";
import { GatewayError } from "../errors.js";
import type { OpenRequest, RunningTerminal, TerminalContext, TerminalDriver } from "../spec/terminal.js";
import { terminalEnvironment } from "./internal/local/environment.js";
import { Guardian } from "./internal/local/guardian.js";
import { type GivenLimits, sessionLimits } from "./internal/local/launch.js";
import { LocalTerminal } from "./internal/local/local-terminal.js";
import { noSuchPlace } from "./internal/local/resident-engine.js";
import type { RunAs } from "./internal/local/run-as.js";
import { createBase } from "./internal/local/session-base.js";

/** Options of {@link localTerminals}. */
export interface LocalTerminalOptions {
  /** Paths of the shells that may be used, the default one first; those that are not there are passed over. @defaultValue bash, zsh, dash and sh */
  readonly shells?: readonly string[] | undefined;
  /** Variables that terminals start with. @defaultValue none but PATH, HOME, USER, LOGNAME, SHELL, LANG and TERM */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** The user that terminals run as; needs a gateway that runs as root. @defaultValue the gateway's own user */
  readonly runAs?: RunAs | undefined;
  /** What each session may use of the machine. @defaultValue 1,024 processes with `runAs`, else no limit; never a core file */
  readonly limits?: GivenLimits | undefined;
}

const SHELLS = ["/bin/bash", "/usr/bin/zsh", "/bin/zsh", "/bin/dash", "/bin/sh"];

/**
 * Terminals on the gateway's own machine (Linux). The interactive stream needs the package `node-pty`, which is loaded when
 * one is asked for; commands work without it.
 *
 * @example
 * ```ts
 * const gateway = new Gateway({ terminalDrivers: [localTerminals({ runAs: { uid: 65534, gid: 65534 } })] });
 * ```
 */
export function localTerminals(options: LocalTerminalOptions = {}): TerminalDriver<"local"> {
  const { shells = SHELLS, env, runAs } = options;
  const limits = sessionLimits(options.limits ?? {}, runAs);
  let house: Promise<House> | null = null;

  async function open(request: OpenRequest<"local">, context: TerminalContext): Promise<RunningTerminal> {
    const shell = shellFor(request.shell, shells);
    const variables = terminalEnvironment(runAs, shell, env, request.env);
    const cwd = request.cwd ?? (isFolder(variables.HOME) ? variables.HOME : "/");
    if (!isFolder(cwd)) throw noSuchPlace();
    context.signal.throwIfAborted();
    house ??= createHouse(context).catch((error: unknown) => {
      house = null;
      throw error;
    });
    const { base, mark } = await house;
    const settings = {
      shell,
      cwd,
      env: variables,
      runAs,
      limits,
      base,
      mark: `${mark}.${context.sessionId}`,
      clock: context.clock,
      onLateOutput: (bytes: Uint8Array) => context.onLateOutput?.(bytes),
      request,
    };
    return LocalTerminal.open(settings, context.signal);
  }

  return {
    type: "local",
    open,
    async close() {
      const opened = await house?.catch(() => null);
      await opened?.guardian.close();
      house = null;
    },
  };
}

/** What all terminals of one gateway share. */
interface House {
  readonly base: string;
  readonly mark: string;
  readonly guardian: Guardian;
}

async function createHouse({ clock }: TerminalContext): Promise<House> {
  const base = createBase(tmpdir());
  const mark = clock.id("gw");
  return { base, mark, guardian: await Guardian.start(base, mark, clock) };
}

/** One of the configured shells: a caller must not choose any program. @throws GatewayError `invalid_request`, `not_installed` */
function shellFor(wanted: string | undefined, configured: readonly string[]): string {
  const installed = configured.filter((path) => existsSync(path));
  const [first] = installed;
  if (first === undefined)
    throw new GatewayError("not_installed", { details: "none of the configured shells is here" });
  if (wanted === undefined) return first;
  const found = installed.find((path) => path === wanted || basename(path) === wanted);
  if (found !== undefined) return found;
  throw refused("shell", `expected one of ${installed.join(", ")}`);
}

function isFolder(path: string | undefined): path is string {
  return path !== undefined && (statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false);
}

function refused(param: string, problem: string): GatewayError {
  return new GatewayError("invalid_request", { param, details: `${param}: ${problem}` });
}
