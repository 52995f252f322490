import { z } from "zod";
import { named } from "./registry.js";
import { TerminalDone, TerminalEnvironment, WorkingDirectory } from "./terminal.js";

const MIB = 1024 * 1024;
const Encoding = z.enum(["utf8", "base64"]).default("utf8");

export const ExecuteCommand = named(
  "ExecuteCommand",
  z.object({
    command: z
      .string()
      .regex(/^[^\0]*$/, "must not hold NUL")
      .describe("Shell text; at most 1 MiB."),
    stdin: z.string().optional().describe("What the command reads, in `encoding`; default nothing. At most 8 MiB."),
    timeoutMs: z.int().min(1).max(600_000).default(30_000).describe("After which the command is stopped."),
    maxOutputBytes: z
      .int()
      .min(0)
      .max(8 * MIB)
      .default(MIB)
      .describe("Kept of each stream: its head and its tail."),
    encoding: Encoding.describe("How `stdin`, `stdout` and `stderr` are written; base64 keeps every byte."),
    cwd: WorkingDirectory.optional().describe("A directory for this command alone."),
    env: TerminalEnvironment.optional().describe("Variables for this command alone."),
    background: z.boolean().default(false).describe("Answer at once; the result is at `/executions/:n`."),
    onDisconnect: z
      .enum(["cancel", "detach"])
      .default("cancel")
      .describe("What a caller who leaves means: stop the command, or keep its result at `/executions/:n`."),
  }),
);

/** A validated command, defaults filled in. */
export type ExecuteCommand = z.output<typeof ExecuteCommand>;

/** What `session.execute` takes besides the command. */
export type ExecuteOptions = Omit<z.input<typeof ExecuteCommand>, "command" | "background" | "onDisconnect">;

export const ExecuteResult = named(
  "ExecuteResult",
  z.object({
    stdout: z.string(),
    stderr: z.string(),
    exitCode: z.int().describe("128 + n after signal n; 124 after the timeout; 130 when it was cancelled."),
    signal: z.string().optional(),
    timedOut: z.literal(true).optional(),
    aborted: z.literal(true).optional(),
    truncated: z.literal(true).optional().describe("Only head and tail of a stream are here."),
    stdoutBytes: z.int().optional().describe("Of the whole stream, when it is truncated."),
    stderrBytes: z.int().optional(),
  }),
);

/** What a command printed and how it ended. */
export type ExecuteResult = z.infer<typeof ExecuteResult>;

export const Execution = named(
  "TerminalExecution",
  z.object({
    n: z.int().positive().describe("Counts the session's commands."),
    phase: z.enum(["queued", "running", "done"]),
    command: z.string().describe("Its first 4 KiB."),
    durationMs: z.int().nullable(),
    result: ExecuteResult.nullable().describe("What there is of it so far, while it runs; null before it starts."),
  }),
);

/** A command of a session. */
export type Execution = z.infer<typeof Execution>;

export const ExecuteEnvelope = named(
  "ExecuteEnvelope",
  z.union([
    z.object({ result: ExecuteResult }),
    z.object({ execution: Execution }).describe("For a command in the background."),
  ]),
);
export const ExecutionEnvelope = named("TerminalExecutionEnvelope", z.object({ execution: Execution }));

export const ExecuteEvent = named(
  "TerminalExecuteEvent",
  z.union([
    z.object({ stream: z.enum(["stdout", "stderr"]), data: z.string() }),
    ExecuteResult.omit({ stdout: true, stderr: true }),
  ]),
);

export const SendInput = named(
  "TerminalSend",
  z.object({
    data: z.string().describe("What is typed; at most 64 KiB."),
    encoding: Encoding,
    waitMs: z.int().min(0).max(25_000).optional().describe("Wait so long for output, and answer with it."),
  }),
);

/** Validated input to a terminal. */
export type SendInput = z.output<typeof SendInput>;

export const TerminalOutput = named(
  "TerminalOutput",
  z.object({
    output: z.array(z.string()).describe("Lines with their ends; a last line without one comes at once."),
    cursor: z.int().optional().describe("Where to go on reading."),
    dropped: z.int().optional().describe("Bytes that were older than what is kept."),
    closed: z.boolean().optional().describe("Whether nothing more will come."),
  }),
);

/** A piece of a terminal's output. */
export type TerminalOutput = z.infer<typeof TerminalOutput>;

export const SentEnvelope = named("TerminalSent", z.union([TerminalOutput, TerminalDone]));

export const TERMINAL_SIGNALS = ["INT", "TERM", "KILL", "HUP", "QUIT"] as const;

export const TerminalSignal = named("TerminalSignal", z.object({ signal: z.enum(TERMINAL_SIGNALS) }));

/** A signal for the foreground program. */
export type TerminalSignalName = (typeof TERMINAL_SIGNALS)[number];

export const TerminalTicket = named(
  "TerminalTicket",
  z.object({
    ticket: z.string().describe("For one attach within 30 seconds, as `ticket.…` in Sec-WebSocket-Protocol."),
    expiresAt: z.iso.datetime({ precision: 3 }),
  }),
);

/** The body of a route that has nothing to say, but must not be called by another site's form. */
export const Nothing = named("Nothing", z.object({}));
