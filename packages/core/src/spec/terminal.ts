import type { Clock } from "../clock.js";
import type {
  OpenLocalTerminal,
  OpenSshTerminal,
  OpenTelnetTerminal,
  TerminalEnvironment,
  TerminalExit,
  TerminalSize,
} from "../schemas/terminal.js";
import type { TerminalSignalName } from "../schemas/terminal-call.js";
import type { Identity, TerminalType } from "./http.js";
import type { Logger } from "./logger.js";

/** The request to open one kind of terminal. */
export type OpenRequest<Type extends TerminalType> = OpenRequests[Type];

interface OpenRequests {
  readonly local: OpenLocalTerminal;
  readonly ssh: OpenSshTerminal;
  readonly telnet: OpenTelnetTerminal;
}

/** What a driver may need besides the request. */
export interface TerminalContext {
  /** The session's identifier, for names of files and processes. */
  readonly sessionId: string;
  /** Who opens it; undefined for the application itself, which may do everything. */
  readonly identity: Identity | undefined;
  /** Whether the configuration says where to connect, and not the request. @defaultValue false */
  readonly prepared?: boolean | undefined;
  /** Aborts when whoever asked has left or waited too long; what was begun is undone. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called once when the terminal ends without `close`, such as a connection that is lost. */
  onEnd(exit: TerminalExit): void;
  /** Takes what jobs that a command left in the background print after its end, on either stream. */
  onLateOutput?(bytes: Uint8Array): void;
}

/** A way to open one kind of terminal. Drivers differ by what their terminals can do, never by their name. */
export interface TerminalDriver<out Type extends TerminalType = TerminalType> {
  readonly type: Type;
  /**
   * Opens a terminal; it is usable when the promise resolves.
   * @throws GatewayError for what the caller can cause or see; nothing is left running then
   */
  open(request: OpenRequest<Type>, context: TerminalContext): Promise<RunningTerminal>;
  /** Lets go of what all its terminals share. Called when the gateway closes, after every terminal has. */
  close?(): Promise<void>;
}

/** An open terminal. What a kind cannot do it leaves out. */
export interface RunningTerminal {
  /** What lists and the audit log show of it, such as host and fingerprint. Never a secret. */
  readonly details: Readonly<Record<string, string | number | boolean>>;
  /** Commands that may run at once; more wait in order. @defaultValue 1 */
  readonly concurrency?: number | undefined;
  /** Where the next command starts, where that is known; null where it is not. @defaultValue null */
  readonly cwd?: string | null | undefined;
  /**
   * Starts the interactive stream: a shell that a person or a program types into. Called on first need, and again after
   * `restart`; never while an earlier one runs.
   * @throws GatewayError `not_installed` and whatever else keeps it from starting
   */
  openStream?(size: TerminalSize, receiver: TerminalReceiver): Promise<TerminalStream>;
  /**
   * Runs one command apart from the stream, with stdout and stderr apart.
   * When `command.signal` aborts, every process of the command is stopped, nothing that follows in it runs, and the promise
   * resolves, within a few seconds. The terminal stays usable.
   */
  execute?(command: TerminalCommand): Promise<CommandExit>;
  /** Drops all state and starts afresh; the stream, if one ran, has been closed before. */
  restart?(): Promise<void>;
  /** Ends everything of this terminal; resolves when nothing of it runs or is open. Safe to call again. */
  close(): Promise<void>;
}

/** Takes what an interactive stream says. */
export interface TerminalReceiver {
  /** Bytes as they came; characters may be cut in two. The receiver keeps them. */
  onOutput(bytes: Uint8Array): void;
  /** Called once, after the last output: nothing that was written before the end is missing. */
  onExit(exit: TerminalExit): void;
}

/** A running interactive stream. After its exit every method does nothing. */
export interface TerminalStream {
  /** Resolves when the bytes are accepted by the transport, so that whoever waits bounds what is queued. */
  write(bytes: Uint8Array): Promise<void>;
  resize(size: TerminalSize): void;
  /** Signals the foreground program, as far as the transport can. */
  signal(name: TerminalSignalName): void;
  /** Stops reading from the transport until `resume`, so that the other side is held up. */
  pause(): void;
  resume(): void;
  /** Hangs up; resolves after `onExit`. */
  close(): Promise<void>;
}

/** One of a command's two outputs. */
export type CommandStream = "stdout" | "stderr";

/** A command for {@link RunningTerminal.execute}. */
export interface TerminalCommand {
  readonly command: string;
  /** What the command reads; nothing by default. */
  readonly stdin: Uint8Array | undefined;
  /** A directory for this command alone. */
  readonly cwd: string | undefined;
  /** Variables for this command alone. */
  readonly env: TerminalEnvironment | undefined;
  /** Aborts when the command is to be stopped. */
  readonly signal: AbortSignal;
  /** Takes output, byte-exact. A promise holds that stream up until it resolves; wait for it before the next call. */
  onOutput(stream: CommandStream, bytes: Uint8Array): void | Promise<void>;
}

/** How a command ended. */
export interface CommandExit {
  /** As a shell reports it: 128 + n after signal n. */
  readonly exitCode: number;
  /** The signal that ended it, such as `SIGKILL`, where it is known. */
  readonly signal?: string | undefined;
}
