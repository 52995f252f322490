import {
  type CommandExit,
  type CommandStream,
  OpenTerminal,
  type RunningTerminal,
  silentLogger,
  systemClock,
  type TerminalCommand,
  type TerminalContext,
  type TerminalExit,
} from "@sluice/core";
import { afterEach, beforeEach } from "vitest";
import type { TerminalPlace } from "./terminal-place.js";
import { TypedTerminal } from "./typed-terminal.js";

/** What a command printed and how it ended. */
export interface Executed extends CommandExit {
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/** A driver at work, anew for each test. */
export interface TerminalBench {
  readonly place: TerminalPlace;
  /** Ends that were reported by themselves. */
  readonly ends: readonly TerminalExit[];
  open(context?: Partial<TerminalContext>): Promise<RunningTerminal>;
  /** A new terminal's stream at the shell's prompt. */
  stream(): Promise<TypedTerminal>;
  execute(terminal: RunningTerminal, command: string, more?: Partial<TerminalCommand>): Promise<Executed>;
}

/** Makes a place before each test and takes it down after it. */
export function terminalBench(factory: () => TerminalPlace | Promise<TerminalPlace>): TerminalBench {
  let place: TerminalPlace | undefined;
  let opened: RunningTerminal[] = [];
  let ends: TerminalExit[] = [];

  beforeEach(async () => {
    place = await factory();
    opened = [];
    ends = [];
  });

  afterEach(async () => {
    await Promise.all(opened.map((terminal) => terminal.close()));
    await place?.remove?.();
    place = undefined;
  });

  function current(): TerminalPlace {
    if (place === undefined) throw new Error("the contract is used outside of a test");
    return place;
  }

  async function open(context: Partial<TerminalContext> = {}): Promise<RunningTerminal> {
    const { driver, request } = current();
    const terminal = await driver.open(OpenTerminal.parse(request), {
      sessionId: systemClock().id("term-"),
      identity: undefined,
      signal: new AbortController().signal,
      clock: systemClock(),
      logger: silentLogger,
      onEnd: (exit) => ends.push(exit),
      ...context,
    });
    opened.push(terminal);
    return terminal;
  }

  return {
    get place() {
      return current();
    },
    get ends() {
      return ends;
    },
    open,
    async stream() {
      const typed = await TypedTerminal.on(await open());
      await current().logIn?.(typed);
      return typed;
    },
    execute,
  };
}

async function execute(
  terminal: RunningTerminal,
  command: string,
  more: Partial<TerminalCommand> = {},
): Promise<Executed> {
  const taken: Record<CommandStream, Uint8Array[]> = { stdout: [], stderr: [] };
  if (!terminal.execute) throw new Error("this terminal executes nothing");
  const exit = await terminal.execute({
    command,
    stdin: undefined,
    cwd: undefined,
    env: undefined,
    signal: new AbortController().signal,
    onOutput: (stream, bytes) => void taken[stream].push(bytes),
    ...more,
  });
  return { ...exit, stdout: Buffer.concat(taken.stdout), stderr: Buffer.concat(taken.stderr) };
}
