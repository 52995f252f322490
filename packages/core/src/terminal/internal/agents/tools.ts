import { z } from "zod";
import { MAX_TIMEOUT_MS, type ResolvedPolicy } from "./policy.js";

/** What each tool takes, validated. */
export interface ToolInputs {
  readonly terminal_execute: {
    readonly terminal: string;
    readonly command: string;
    readonly timeout_ms?: number | undefined;
    readonly stdin?: string | undefined;
    readonly background: boolean;
  };
  readonly terminal_read: {
    readonly terminal: string;
    readonly command?: number | undefined;
    readonly jobs: boolean;
    readonly stream: "stdout" | "stderr";
    readonly cursor: number;
    readonly wait_ms: number;
  };
  readonly terminal_stop: { readonly command: number };
  readonly terminal_restart: { readonly terminal: string };
  readonly terminal_send: { readonly terminal: string; readonly data: string; readonly wait_ms: number };
}

/** The name of a tool. */
export type ToolName = keyof ToolInputs;

/** A tool, in no vendor's form. */
export interface Tool<Name extends ToolName = ToolName> {
  readonly name: Name;
  readonly description: string;
  readonly input: z.ZodType<ToolInputs[Name]>;
  /** Whether it changes nothing. */
  readonly readOnly: boolean;
}

const MAX_WAIT_MS = 25_000;
const Wait = (ms: number) => z.int().min(0).max(MAX_WAIT_MS).default(ms);
const CommandNumber = z.int().min(1).describe("The number that terminal_execute gave.");

/** The tools that a policy names, and no others. */
export function toolsOf(policy: ResolvedPolicy): readonly Tool[] {
  const terminal = z
    .enum(policy.names)
    .default(policy.names[0])
    .describe(`One of the terminals there are; default ${policy.names[0]}.`);
  const tools: Tool[] = [
    {
      name: "terminal_execute",
      description:
        "Run a shell command and wait for its result. Directory, variables and functions stay for the next command of " +
        "the same terminal. It reads only what you give it as stdin. Some commands need a person's approval. What " +
        "runs long belongs in the background.",
      input: z.object({
        command: z.string().min(1).max(100_000).describe("Shell text."),
        terminal,
        timeout_ms: z
          .int()
          .min(1)
          .max(MAX_TIMEOUT_MS)
          .optional()
          .describe(`After which it is stopped; default ${policy.timeoutMs}, in the background ${MAX_TIMEOUT_MS}.`),
        stdin: z.string().max(1_000_000).optional().describe("What the command reads."),
        background: z.boolean().default(false).describe("Answer at once; terminal_read tells the rest."),
      }),
      readOnly: false,
    },
    {
      name: "terminal_read",
      description: policy.interactive
        ? "Read more of a command's output, or what jobs print, or, without either, what the screen has shown since the last time."
        : "Read more of a command's output, of one in the background or the part that was left out; or what jobs print.",
      input: z.object({
        command: CommandNumber.optional(),
        jobs: z
          .boolean()
          .default(false)
          .describe("Read what jobs started with & have printed since the last time, after their commands had ended."),
        terminal,
        stream: z.enum(["stdout", "stderr"]).default("stdout"),
        cursor: z.int().min(0).default(0).describe("Characters to pass over: the cursor of the last answer."),
        wait_ms: Wait(0).describe("Wait so long for more of it."),
      }),
      readOnly: true,
    },
    {
      name: "terminal_stop",
      description: "Stop a command that runs in the background.",
      input: z.object({ command: CommandNumber }),
      readOnly: false,
    },
    {
      name: "terminal_restart",
      description: "Start a terminal afresh: every program in it ends; directory and variables are forgotten.",
      input: z.object({ terminal }),
      readOnly: false,
    },
  ];
  if (policy.interactive) {
    tools.push({
      name: "terminal_send",
      description:
        "Type into a terminal's screen, for programs that ask questions, and see what it shows then. A person is asked " +
        "each time. For commands use terminal_execute.",
      input: z.object({
        data: z.string().min(1).max(16_384).describe("What is typed; \\n is the return key."),
        terminal,
        wait_ms: Wait(1_000).describe("Wait so long for what it shows."),
      }),
      readOnly: false,
    });
  }
  return tools;
}

/** A tool's input as JSON Schema. */
export function inputSchema({ input }: Tool): Readonly<Record<string, unknown>> {
  const { $schema, ...schema } = z.toJSONSchema(input, { io: "input" });
  return schema;
}
