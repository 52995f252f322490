import { z } from "zod";
import { MAX_TIMEOUT_MS, type ResolvedPolicy } from "./policy.js";

/** What each tool takes, validated. */
export interface ToolInputs {
  readonly terminal_execute: {
    readonly session: string;
    readonly command: string;
    readonly timeout_ms?: number | undefined;
    readonly stdin?: string | undefined;
    readonly background: boolean;
  };
  readonly terminal_read: {
    readonly session: string;
    readonly command?: number | undefined;
    readonly jobs: boolean;
    readonly stream: "stdout" | "stderr";
    readonly cursor: number;
    readonly wait_ms: number;
  };
  readonly terminal_stop: { readonly command: number };
  readonly terminal_restart: { readonly session: string };
  readonly terminal_open: { readonly type?: "local" | undefined; readonly preset?: string | undefined };
  readonly terminal_close: { readonly session: string };
  readonly terminal_send: { readonly session: string; readonly data: string; readonly wait_ms: number };
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
  /** Whether it can undo or end what is there. */
  readonly destructive: boolean;
}

const MAX_WAIT_MS = 25_000;
const Wait = (ms: number) => z.int().min(0).max(MAX_WAIT_MS).default(ms);
const CommandNumber = z.int().min(1).describe("The number that terminal_execute gave.");

/** The tools that a policy names, and no others. */
export function toolsOf(policy: ResolvedPolicy): readonly Tool[] {
  const [first, ...others] = policy.names;
  const session = z
    .string()
    .max(100)
    .default(first)
    .describe(`Where: ${[first, ...others].join(", ")}, or what terminal_open gave; default ${first}.`);
  const tools: Tool[] = [
    {
      name: "terminal_execute",
      description:
        "Run a shell command and wait for its result. Directory, variables and functions stay for the next command of " +
        "the same session. It reads only what you give it as stdin. Some commands need a person's approval. What " +
        "runs long belongs in the background.",
      input: z.strictObject({
        command: z.string().min(1).max(100_000).describe("Shell text."),
        session,
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
      destructive: true,
    },
    {
      name: "terminal_read",
      description: policy.interactive
        ? "Read more of a command's output, or what jobs print, or, without either, what the screen has shown since the last time."
        : "Read more of a command's output, of one in the background or the part that was left out; or what jobs print.",
      input: z.strictObject({
        command: CommandNumber.optional(),
        jobs: z
          .boolean()
          .default(false)
          .describe("Read what jobs started with & have printed since the last time, after their commands had ended."),
        session,
        stream: z.enum(["stdout", "stderr"]).default("stdout"),
        cursor: z.int().min(0).default(0).describe("Characters to pass over: the cursor of the last answer."),
        wait_ms: Wait(0).describe("Wait so long for more of it."),
      }),
      readOnly: true,
      destructive: false,
    },
    {
      name: "terminal_stop",
      description: "Stop a command that runs in the background.",
      input: z.strictObject({ command: CommandNumber }),
      readOnly: false,
      destructive: true,
    },
    {
      name: "terminal_restart",
      description: "Start a session afresh: every program in it ends; directory and variables are forgotten.",
      input: z.strictObject({ session }),
      readOnly: false,
      destructive: true,
    },
    {
      name: "terminal_open",
      description:
        "Open another session, beside those there are, such as for a second program that runs long. Its answer gives " +
        "the name by which the other tools know it.",
      input: openInput(policy),
      readOnly: false,
      destructive: false,
    },
    {
      name: "terminal_close",
      description: "Close a session: every program in it ends.",
      input: z.strictObject({ session: session.unwrap() }),
      readOnly: false,
      destructive: true,
    },
  ];
  if (policy.interactive) {
    tools.push({
      name: "terminal_send",
      description:
        "Type into a terminal's screen, for programs that ask questions, and see what it shows then. A person is asked " +
        "each time. For commands use terminal_execute.",
      input: z.strictObject({
        data: z.string().min(1).max(16_384).describe("What is typed; \\n is the return key."),
        session,
        wait_ms: Wait(1_000).describe("Wait so long for what it shows."),
      }),
      readOnly: false,
      destructive: true,
    });
  }
  return tools;
}

/** Only what the policy names: no host, no address, no password. */
function openInput({ names, terminals }: ResolvedPolicy): Tool<"terminal_open">["input"] {
  const preset = z.enum(names).optional().describe("One of the terminals that are prepared.");
  const isLocal = names.some((name) => terminals[name]?.type === "local");
  if (!isLocal) return z.strictObject({ preset: preset.unwrap() });
  return z.strictObject({
    type: z.literal("local").optional().describe("On this machine. Say either this or a preset."),
    preset,
  });
}

/** A tool's input as JSON Schema. */
export function inputSchema({ input }: Tool): Readonly<Record<string, unknown>> {
  const { $schema, ...schema } = z.toJSONSchema(input, { io: "input" });
  return schema;
}
