import type { CommandExit, CommandStream, RunningTerminal, TerminalCommand, TerminalSize } from "@sluice/core";
import { TypedTerminal } from "@sluice/testkit/contracts";

/** What a command printed, as text, and how it ended. */
export interface Ran extends CommandExit {
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command and gathers what it prints. */
export async function execute(
  terminal: RunningTerminal,
  command: string,
  { onOutput, ...more }: Partial<TerminalCommand> = {},
): Promise<Ran> {
  const text: Record<CommandStream, string> = { stdout: "", stderr: "" };
  if (!terminal.execute) throw new Error("this terminal executes nothing");
  const exit = await terminal.execute({
    command,
    stdin: undefined,
    cwd: undefined,
    env: undefined,
    signal: new AbortController().signal,
    ...more,
    onOutput(stream, bytes) {
      text[stream] += Buffer.from(bytes).toString();
      return onOutput?.(stream, bytes);
    },
  });
  return { ...exit, ...text };
}

/** Starts a terminal's stream. */
export function typedOn(terminal: RunningTerminal, size?: TerminalSize): Promise<TypedTerminal> {
  return TypedTerminal.on(terminal, size);
}
