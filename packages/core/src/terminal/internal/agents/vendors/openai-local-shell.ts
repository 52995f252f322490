import { z } from "zod";
import { failure } from "../answer.js";
import { shellWord } from "../simple-command.js";
import { outputOf, timeIn } from "./openai-shell.js";
import type { VendorCall } from "./vendor-call.js";

/** OpenAI's earlier tool, of `codex-mini-latest`. */
export const OPENAI_LOCAL_SHELL = { type: "local_shell" } as const;

const LocalShellAction = z.object({
  type: z.literal("exec"),
  command: z.array(z.string()).min(1).max(1_000),
  env: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.string()).nullish(),
  timeout_ms: z.number().nullish(),
  user: z.string().nullish(),
  working_directory: z.string().nullish(),
});

/** Runs the words of a `local_shell_call`; gives the text of its output, which is JSON. */
export async function answerLocalShell(action: unknown, call: VendorCall): Promise<string> {
  const parsed = LocalShellAction.safeParse(action);
  if (!parsed.success) return JSON.stringify(outputOf(failure("invalid arguments: a local shell call has a command")));
  const { timeout_ms, user } = parsed.data;
  if (user) return JSON.stringify(outputOf(failure("not allowed: commands run as the user that the gateway names")));
  const ms = timeIn(timeout_ms);
  const given = { command: commandOf(parsed.data), ...(ms === undefined ? {} : { timeout_ms: ms }) };
  return JSON.stringify(outputOf(await call("terminal_execute", given)));
}

/** One text in which everything stands that is run, for rules and for whoever approves it. */
function commandOf({ command, env, working_directory: directory }: z.output<typeof LocalShellAction>): string {
  const words = command.map(shellWord).join(" ");
  const variables = Object.entries(env ?? {}).map(([name, value]) => `${name}=${shellWord(value)}`);
  const run = variables.length > 0 ? `env ${variables.join(" ")} ${words}` : words;
  return directory ? `(cd -- ${shellWord(directory)} && ${run})` : run;
}
