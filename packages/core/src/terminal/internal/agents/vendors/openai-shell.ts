import { z } from "zod";
import type { ToolAnswer } from "../answer.js";
import { MAX_TIMEOUT_MS } from "../policy.js";
import { outputNotes, type VendorCall } from "./vendor-call.js";

/** OpenAI's own tool of the Responses API, run here and not in a container of OpenAI's. */
export const OPENAI_SHELL = { type: "shell", environment: { type: "local" } } as const;

const MAX_COMMANDS = 100;
/** What a shell says of a command that it found and did not run. */
const NOT_RUN = 126;

const ShellAction = z.object({
  commands: z.array(z.string()).min(1).max(MAX_COMMANDS),
  timeout_ms: z.number().nullish(),
  max_output_length: z.number().nullish(),
});

/** What one command printed and how it ended. */
export interface ShellOutput {
  stdout: string;
  stderr: string;
  outcome: { type: "exit"; exit_code: number } | { type: "timeout" };
}

/** What became of a `shell_call`. */
export interface ShellAnswer {
  readonly output: ShellOutput[];
  /** To be passed back as it came. */
  readonly maxOutputLength: number | null;
}

/**
 * Runs the commands of a `shell_call` one after the other, in one time and one length for all. After one that is refused
 * or takes too long the others do not run: they may count on what it would have done.
 */
export async function answerShell(action: unknown, call: VendorCall): Promise<ShellAnswer> {
  const parsed = ShellAction.safeParse(action);
  if (!parsed.success) {
    const stderr = `invalid arguments: a shell call has 1 to ${MAX_COMMANDS} commands, each a text`;
    return { output: [notRun(stderr)], maxOutputLength: null };
  }
  const { commands, timeout_ms, max_output_length: maxOutputLength = null } = parsed.data;
  let [leftMs, characters] = [timeIn(timeout_ms), lengthIn(maxOutputLength)];
  let stopped: ShellOutput | null = null;
  const output: ShellOutput[] = [];
  for (const command of commands) {
    if (stopped === null) {
      const given = { command, ...(leftMs === undefined ? {} : { timeout_ms: Math.max(1, leftMs) }) };
      const answer = await call("terminal_execute", given, { characters });
      const ran = outputOf(answer);
      output.push(ran);
      if (answer.isError || answer.value.timedOut || answer.value.aborted) stopped = afterwards(ran);
      if (leftMs !== undefined) leftMs -= Number(answer.value.durationMs ?? 0);
      if (characters !== undefined) characters = Math.max(1, characters - ran.stdout.length - ran.stderr.length);
    } else output.push(stopped);
  }
  return { output, maxOutputLength };
}

/** What became of one command. */
export function outputOf({ value, isError }: ToolAnswer): ShellOutput {
  if (isError) return notRun(String(value.error));
  const stderr = [String(value.stderr), ...outputNotes(value).map((note) => `[gateway: ${note}]\n`)].join("");
  const outcome = value.timedOut
    ? { type: "timeout" as const }
    : { type: "exit" as const, exit_code: Number(value.exitCode) };
  return { stdout: String(value.stdout), stderr, outcome };
}

/** A model's numbers are wishes: what is out of range is brought into it. */
export function timeIn(ms: number | null | undefined): number | undefined {
  return ms === null || ms === undefined ? undefined : within(ms, MAX_TIMEOUT_MS);
}

function lengthIn(characters: number | null): number | undefined {
  return characters === null ? undefined : within(characters, Number.MAX_SAFE_INTEGER);
}

function within(value: number, most: number): number {
  return Math.max(1, Math.min(most, Math.floor(value)));
}

function notRun(stderr: string): ShellOutput {
  return { stdout: "", stderr, outcome: { type: "exit", exit_code: NOT_RUN } };
}

function afterwards({ outcome }: ShellOutput): ShellOutput {
  return { ...notRun("not run: the command before it did not come to its end"), outcome };
}
