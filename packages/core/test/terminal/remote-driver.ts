import type { RunningTerminal, Store, TerminalContext, TerminalDriver, TerminalExit } from "@sluice/core";
import { memoryStore, OpenTerminal, type OpenTerminalInput, silentLogger, systemClock } from "@sluice/core";
import { systemResolve } from "../../src/net-guard.js";
import type { HostKeyPolicy } from "../../src/schemas/host-key.js";
import { GatewayConfig } from "../../src/schemas/options.js";
import { HostKeys } from "../../src/terminal/internal/host-keys/host-keys.js";
import { Dialer } from "../../src/terminal/internal/reach/dialer.js";
import { Reach } from "../../src/terminal/internal/reach/reach.js";
import { sshTerminals } from "../../src/terminal/ssh.js";

/** What a test may want otherwise. */
export interface RemoteOptions {
  readonly ports: readonly number[];
  readonly store?: Store;
  readonly knownHosts?: string | null;
  readonly hostKeyPolicy?: HostKeyPolicy;
}

/** A dialer that reaches this machine, and nothing else that is private. */
export function loopbackDialer(ports: readonly number[]): Dialer {
  const { terminal } = GatewayConfig.parse({ terminal: { allowHosts: ["127.0.0.0/8", "::1"], ports } });
  return new Dialer(new Reach({ config: terminal, resolve: systemResolve }), systemClock());
}

/** The SSH driver with host keys in memory. */
export async function sshDriver(options: RemoteOptions): Promise<TerminalDriver<"ssh">> {
  const { ports, store = memoryStore(), knownHosts = null, hostKeyPolicy = "accept-new" } = options;
  await store.open();
  const hostKeys = new HostKeys({ store, clock: systemClock(), file: knownHosts });
  await hostKeys.open();
  return sshTerminals({ dialer: loopbackDialer(ports), hostKeys, hostKeyPolicy });
}

/** What was opened, and the ends it reported by itself. */
export interface Opened {
  readonly terminal: RunningTerminal;
  readonly ends: readonly TerminalExit[];
}

/** Opens a terminal as the gateway would. */
export async function open(
  driver: TerminalDriver,
  request: OpenTerminalInput,
  context: Partial<TerminalContext> = {},
): Promise<Opened> {
  const ends: TerminalExit[] = [];
  const terminal = await driver.open(OpenTerminal.parse(request), {
    sessionId: "term-0000000000000-00000000000000000000",
    identity: undefined,
    signal: new AbortController().signal,
    clock: systemClock(),
    logger: silentLogger,
    onEnd: (exit) => ends.push(exit),
    ...context,
  });
  return { terminal, ends };
}
