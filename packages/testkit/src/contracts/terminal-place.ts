import type { OpenTerminalInput, RunningTerminal, TerminalDriver } from "@sluice/core";
import type { TypedTerminal } from "./typed-terminal.js";

/** A driver, and something for it to open: behind it a POSIX shell. */
export interface TerminalPlace {
  readonly driver: TerminalDriver;
  /** What to open. */
  readonly request: OpenTerminalInput;
  /** Brings a new stream to the shell's prompt, such as by typing a name and a password. */
  logIn?(terminal: TypedTerminal): Promise<void>;
  /** Whether nothing of a closed terminal is left, such as processes and connections. */
  isGone?(terminal: RunningTerminal): Promise<boolean>;
  /** Removes what the place was made of; every terminal is closed before. */
  remove?(): Promise<void>;
}

/** What a driver may leave out, each with the reason. */
export interface TerminalContractOptions {
  readonly skip?: {
    /** The interactive stream. */
    readonly stream?: string;
    /** Commands with their outputs apart. */
    readonly execute?: string;
    /** The exit status of the interactive shell. */
    readonly exitStatus?: string;
    /** Starting afresh. */
    readonly restart?: string;
  };
}
