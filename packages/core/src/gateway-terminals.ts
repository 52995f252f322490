import type { GatewayHostKeys } from "./gateway-host-keys.js";
import type { GatewayPresets } from "./gateway-presets.js";
import type { TerminalsService } from "./http/services.js";
import type { OpenTerminalInput } from "./schemas/terminal.js";
import type { Actor } from "./spec/call.js";
import type { Identity, LeaveSignal } from "./spec/http.js";
import type { TerminalHandle } from "./spec/terminal-session.js";

/** On whose behalf, and for how long. */
export interface TerminalCallOptions {
  /** On whose behalf; its rights and limits apply. @defaultValue the application itself, which may do everything */
  readonly identity?: Identity | undefined;
  /** Breaks off what is being opened. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Terminals as an application uses them.
 *
 * @example
 * ```ts
 * const session = await gateway.terminals.open({ type: "local" });
 * const { stdout, exitCode } = await session.execute("uname -a");
 * await session.close();
 * ```
 */
export class GatewayTerminals {
  /** Prepared connections. */
  readonly presets: GatewayPresets;
  /** The keys of SSH hosts. */
  readonly hostKeys: GatewayHostKeys;
  readonly #use: () => Promise<TerminalsService>;

  /** Made by the gateway. */
  constructor(
    use: () => Promise<TerminalsService>,
    { presets, hostKeys }: Pick<GatewayTerminals, "presets" | "hostKeys">,
  ) {
    this.#use = use;
    this.presets = presets;
    this.hostKeys = hostKeys;
  }

  /**
   * Opens a terminal.
   * @throws GatewayError `invalid_request`, `forbidden`, `rate_limit_exceeded`, `not_installed`, and what the driver says
   */
  async open(request: OpenTerminalInput, options: TerminalCallOptions = {}): Promise<TerminalHandle> {
    const terminals = await this.#use();
    return terminals.open(request, actorOf(options), options.signal ?? STAYS);
  }

  /** Every terminal there is, or those that somebody may use, the oldest first. */
  async list(options: TerminalCallOptions = {}): Promise<readonly TerminalHandle[]> {
    return (await this.#use()).list(actorOf(options));
  }

  /** One of them. @throws GatewayError `not_found` */
  async find(id: string, options: TerminalCallOptions = {}): Promise<TerminalHandle> {
    return (await this.#use()).find(id, actorOf(options));
  }

  /** Stops every terminal at once, with all that runs in them, and opens no more until `unfreeze`. */
  async freeze(options: TerminalCallOptions = {}): Promise<void> {
    await (await this.#use()).freeze(actorOf(options));
  }

  /** Opens terminals again. */
  async unfreeze(options: TerminalCallOptions = {}): Promise<void> {
    (await this.#use()).unfreeze(actorOf(options));
  }
}

function actorOf({ identity }: TerminalCallOptions): Actor {
  return { identity };
}

/** The signal of a caller who cannot leave. */
const STAYS: LeaveSignal = { aborted: false, addEventListener() {}, removeEventListener() {} };
