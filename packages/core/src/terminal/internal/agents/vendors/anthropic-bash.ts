import { z } from "zod";
import { failure, type ToolAnswer } from "../answer.js";
import { outputNotes, type VendorCall } from "./vendor-call.js";

/** Anthropic's own tool, which its models know without a description. */
export const ANTHROPIC_BASH = { type: "bash_20250124", name: "bash" } as const;

/** What the model says; what later versions of the tool may add is passed over. */
const BashInput = z.object({ command: z.string().optional(), restart: z.boolean().optional() });

/** A block of a `tool_result`: none is empty, which the API would refuse. */
export interface TextBlock {
  type: "text";
  text: string;
}

/** What became of a call, as the content of a `tool_result`. */
export interface BashAnswer {
  readonly content: TextBlock[];
  readonly isError: boolean;
}

/** Runs what a `tool_use` block of the bash tool asks for: a command, or a fresh shell. */
export async function answerBash(input: unknown, call: VendorCall): Promise<BashAnswer> {
  const parsed = BashInput.safeParse(input);
  if (!parsed.success) return told(failure("invalid arguments: bash takes command or restart"));
  const { command, restart } = parsed.data;
  if (restart) return restarted(await call("terminal_restart", {}));
  if (command === undefined) return told(failure("invalid arguments: command is missing"));
  return told(await call("terminal_execute", { command }));
}

function restarted({ value, isError }: ToolAnswer): BashAnswer {
  if (isError) return { content: [block(String(value.error))], isError };
  return { content: [block(`The shell was started afresh${where(value.cwd)}.`)], isError };
}

/** What the gateway says stands in a block of its own: no output can pass for it. */
function told({ value, isError }: ToolAnswer): BashAnswer {
  if (isError) return { content: [block(String(value.error))], isError };
  const { exitCode, timedOut, cwd, warning, stdout, stderr } = value;
  const ended = timedOut ? "It took too long." : `It ended with exit code ${exitCode}${where(cwd)}.`;
  const head = block([ended, ...outputNotes(value), warning].join(" "));
  const outputs = Object.entries({ stdout, stderr }).filter(([, text]) => text !== "");
  return { content: [head, ...outputs.map(([name, text]) => block(`${name}:\n${text}`))], isError: timedOut === true };
}

function where(cwd: unknown): string {
  return typeof cwd === "string" ? ` in ${cwd}` : "";
}

function block(text: string): TextBlock {
  return { type: "text", text };
}
