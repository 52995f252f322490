import { hostKeyId } from "../../../schemas/host-key.js";
import type { TerminalExit, TerminalSize } from "../../../schemas/terminal.js";
import type {
  CommandExit,
  RunningTerminal,
  TerminalCommand,
  TerminalContext,
  TerminalReceiver,
  TerminalStream,
} from "../../../spec/terminal.js";
import type { Chain } from "./chain.js";
import type { Hop } from "./connect.js";
import { execute } from "./execute.js";
import type { RemoteHost } from "./remote-host.js";
import { openShell } from "./shell.js";

/** A server allows ten channels at once unless told otherwise, and the shell has one of them. */
const CONCURRENCY = 8;

/** An open connection to a host. Each command has a channel of its own there, so that none remembers another. */
export class SshTerminal implements RunningTerminal {
  readonly details: RunningTerminal["details"];
  readonly concurrency = CONCURRENCY;
  readonly #chain: Chain;
  readonly #host: RemoteHost;
  readonly #onEnd: TerminalContext["onEnd"];
  #ended = false;
  #closed: Promise<void> | null = null;

  constructor(chain: Chain, hops: readonly Hop[], { clock, onEnd }: TerminalContext) {
    const names = hops.map(({ target }) => hostKeyId(target));
    const name = names.pop() ?? "";
    const username = hops.at(-1)?.credentials.username ?? "";
    const jump = names.join(",");
    this.details = { host: name, username, fingerprint: chain.fingerprint, ...(jump && { jump }) };
    this.#chain = chain;
    this.#host = { client: chain.client, name, clock, isClosed: chain.isClosed };
    this.#onEnd = onEnd;
    void chain.closed.then(() => this.#end({ code: null, signal: null, reason: "connection_lost" }));
  }

  /** Whoever leaves the shell leaves the host, as with any SSH client. */
  openStream(size: TerminalSize, receiver: TerminalReceiver): Promise<TerminalStream> {
    return openShell(this.#host, size, {
      onOutput: (bytes) => receiver.onOutput(bytes),
      onExit: (exit) => {
        receiver.onExit(exit);
        if (exit.reason !== "closed") this.#end(exit);
      },
    });
  }

  execute(command: TerminalCommand): Promise<CommandExit> {
    return execute(this.#host, command);
  }

  /** Commands remember nothing, and the next shell is a new one. */
  async restart(): Promise<void> {}

  close(): Promise<void> {
    this.#ended = true;
    this.#closed ??= this.#chain.close();
    return this.#closed;
  }

  #end(exit: TerminalExit): void {
    if (this.#ended) return;
    this.#ended = true;
    this.close().catch(() => {}); // it has ended
    this.#onEnd(exit);
  }
}
