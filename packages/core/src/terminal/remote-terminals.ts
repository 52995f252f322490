import type { Clock } from "../clock.js";
import type { LiveEntriesOptions } from "../live-entries.js";
import { systemResolve } from "../net-guard.js";
import type { StoredHostKey } from "../schemas/host-key.js";
import type { GatewayConfig } from "../schemas/options.js";
import type { Logger } from "../spec/logger.js";
import type { TerminalDriver } from "../spec/terminal.js";
import { HostKeys } from "./internal/host-keys/host-keys.js";
import { withPresets } from "./internal/presets.js";
import { Dialer } from "./internal/reach/dialer.js";
import { Reach } from "./internal/reach/reach.js";
import type { Presets } from "./presets.js";
import { sshTerminals } from "./ssh.js";
import { telnetTerminals } from "./telnet.js";

/** Options of {@link RemoteTerminals}. */
export interface RemoteTerminalsOptions {
  readonly config: GatewayConfig["terminal"];
  /** Where host keys are remembered. */
  readonly store: LiveEntriesOptions<StoredHostKey>["store"];
  readonly presets: Pick<Presets, "find">;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Terminals on other machines, and what they share: where they may connect to, and the host keys. */
export class RemoteTerminals {
  readonly hostKeys: HostKeys;
  readonly ssh: TerminalDriver<"ssh">;
  readonly telnet: TerminalDriver<"telnet">;

  private constructor({ config, store, presets, clock, logger }: RemoteTerminalsOptions) {
    const onError = (error: unknown) => logger.warn({ err: error }, "the host keys could not be read again");
    this.hostKeys = new HostKeys({ store, clock, file: config.knownHosts, onError });
    const dialer = new Dialer(new Reach({ config, resolve: systemResolve }), clock);
    const { hostKeys } = this;
    const rules = { find: (name: string) => presets.find(name), only: config.presetsOnly };
    this.ssh = withPresets(sshTerminals({ dialer, hostKeys, hostKeyPolicy: config.hostKeyPolicy }), rules);
    this.telnet = withPresets(telnetTerminals({ dialer }), rules);
    if (config.hostKeyPolicy === "off") logger.warn({}, "SSH hosts are not checked (terminal.hostKeyPolicy is off)");
  }

  /** Reads the host keys and makes the drivers. @throws GatewayError `store_unavailable` */
  static async open(options: RemoteTerminalsOptions): Promise<RemoteTerminals> {
    const remote = new RemoteTerminals(options);
    await remote.hostKeys.open();
    return remote;
  }

  close(): void {
    this.hostKeys.close();
  }
}
