import type { TerminalSession, TerminalSessionDetail, TerminalSize } from "../schemas/terminal.js";
import type { ExecuteOptions, ExecuteResult, Execution, TerminalSignalName } from "../schemas/terminal-call.js";
import type { LeaveSignal, TerminalType } from "./http.js";
import type { MessageSocket } from "./message-socket.js";
import type { CommandStream } from "./terminal.js";

/** How to run one command. */
export interface ExecuteCallOptions extends ExecuteOptions {
  /** Stops the command. */
  readonly signal?: LeaveSignal | undefined;
  /** Takes output as it comes, byte-exact; a promise holds the command up. */
  readonly onOutput?: ((stream: CommandStream, bytes: Uint8Array) => void | Promise<void>) | undefined;
}

/** A command that waits or runs. */
export interface StartedCommand {
  /** As it is now. */
  readonly execution: Execution;
  /** Rejects only when the terminal itself fails. */
  readonly result: Promise<ExecuteResult>;
}

/** What a terminal can be read of: its screen, or what jobs in the background print after their command has ended. */
export type OutputSource = "screen" | "jobs";

/** What to read of a terminal's output. */
export interface ReadOptions {
  /** @defaultValue `screen` */
  readonly of?: OutputSource | undefined;
  /** Where to go on. @defaultValue where this caller's last read without a cursor ended */
  readonly cursor?: number | undefined;
  /** @defaultValue 256 KiB */
  readonly maxBytes?: number | undefined;
  /** Wait so long for output when there is none. @defaultValue 0 */
  readonly waitMs?: number | undefined;
  /** Ends the waiting. */
  readonly signal?: LeaveSignal | undefined;
}

/** A piece of a terminal's output. */
export interface ReadOutput {
  readonly data: Uint8Array;
  /** Where to go on. */
  readonly cursor: number;
  /** Bytes that were older than what is kept. */
  readonly dropped: number;
  /** Whether nothing more will come. */
  readonly closed: boolean;
}

/** An open terminal, as somebody who may use it does. */
export interface TerminalHandle {
  readonly id: string;
  readonly type: TerminalType;
  /** As lists show it. */
  view(): TerminalSession;
  /** Its state too. */
  detail(): TerminalSessionDetail;
  /**
   * Runs one command, after those before it. A command that fails or takes too long is a result, not an error.
   * @throws GatewayError `invalid_request`, `payload_too_large`, `rate_limit_exceeded` for a full queue, `conflict` for a
   * terminal that has ended
   */
  execute(command: string, options?: ExecuteCallOptions): Promise<ExecuteResult>;
  /** The same, without waiting: what is wrong with the request is thrown at once, the rest is in `result`. */
  start(command: string, options?: ExecuteCallOptions): StartedCommand;
  /** One of the last commands. @throws GatewayError `not_found` */
  execution(n: number): Execution;
  /** Stops a command that waits or runs. @throws GatewayError `not_found` */
  stopExecution(n: number): void;
  /** Types into the terminal. @throws GatewayError `payload_too_large`, `rate_limit_exceeded`, `conflict`, `not_installed` */
  send(data: string | Uint8Array): Promise<void>;
  /** Reads what the terminal shows, or what its jobs print. @throws GatewayError `invalid_request` for a cursor in the future, `not_installed` */
  read(options?: ReadOptions): Promise<ReadOutput>;
  /** @throws GatewayError `invalid_request` */
  resize(size: TerminalSize): void;
  /** Signals the foreground program. @throws GatewayError `conflict` */
  signal(name: TerminalSignalName): void;
  /** Starts afresh under the same id. @throws GatewayError `invalid_request` where that cannot be done */
  restart(): Promise<void>;
  /** Lets a browser attach once within 30 seconds. */
  ticket(): { readonly ticket: string; readonly expiresAt: string };
  /** Gets ready for {@link TerminalHandle.attach}, so that what is missing is told before the connection is made. */
  prepareAttach(): Promise<void>;
  /** Serves a person on a WebSocket until it closes. */
  attach(socket: MessageSocket): void;
  /** Ends it; nothing of it runs when the promise resolves. */
  close(): Promise<void>;
}
