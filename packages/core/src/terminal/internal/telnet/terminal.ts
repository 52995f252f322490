import { GatewayError } from "../../../errors.js";
import type { TerminalSize } from "../../../schemas/terminal.js";
import type { TerminalSignalName } from "../../../schemas/terminal-call.js";
import type { RunningTerminal, TerminalContext, TerminalReceiver, TerminalStream } from "../../../spec/terminal.js";
import { ABORT, INTERRUPT_PROCESS } from "./codes.js";
import type { TelnetConnection } from "./connection.js";
import type { TextEncoding } from "./encoding.js";

/** The signals Telnet has commands for. */
const COMMANDS: Partial<Record<TerminalSignalName, number>> = { INT: INTERRUPT_PROCESS, QUIT: ABORT };

/** An open Telnet connection. It has one stream for its whole life, and nothing besides. */
export class TelnetTerminal implements RunningTerminal {
  readonly details: RunningTerminal["details"];
  readonly #connection: TelnetConnection;
  readonly #encoding: TextEncoding;

  constructor(name: string, connection: TelnetConnection, encoding: TextEncoding, { onEnd }: TerminalContext) {
    this.details = { host: name };
    this.#connection = connection;
    this.#encoding = encoding;
    connection.watch({
      onData() {},
      onEnd(exit) {
        if (exit.reason !== "closed") onEnd(exit);
      },
    });
  }

  async openStream(size: TerminalSize, receiver: TerminalReceiver): Promise<TerminalStream> {
    const connection = this.#connection;
    const encoding = this.#encoding;
    let ended = false;
    connection.resize(size);
    connection.read({
      onData: (data) => receiver.onOutput(encoding.read(data)),
      onEnd(exit) {
        ended = true;
        receiver.onExit(exit);
      },
    });
    return {
      write: (bytes) => connection.write(encoding.write(bytes)),
      resize: (next) => connection.resize(next),
      signal(name) {
        const command = COMMANDS[name];
        if (command === undefined && !ended) throw unknownSignal(name);
        if (command !== undefined) connection.command(command);
      },
      pause: () => connection.pause(),
      resume: () => connection.resume(),
      close: () => connection.close(),
    };
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}

function unknownSignal(name: TerminalSignalName): GatewayError {
  const known = Object.keys(COMMANDS).join(" and ");
  return new GatewayError("invalid_request", {
    param: "signal",
    details: `signal: Telnet has no way to send ${name}, only ${known}`,
  });
}
