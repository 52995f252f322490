import { z } from "zod";
import { bytesOf } from "../../schemas/bytes-of.js";
import { TerminalDone, TerminalSize } from "../../schemas/terminal.js";
import { SendInput, SentEnvelope, TerminalOutput, TerminalSignal } from "../../schemas/terminal-call.js";
import { defineRoute } from "../route.js";
import { outputView } from "../terminal-output.js";
import { DONE, number, TERMINAL_ROUTE, terminalOf } from "../terminal-route.js";

const KIB = 1024;

const OutputQuery = z.object({
  of: z
    .enum(["screen", "jobs"])
    .default("screen")
    .describe("`jobs`: what jobs in the background print after the commands that left them."),
  cursor: number(Number.MAX_SAFE_INTEGER).optional().describe("Where to go on."),
  waitMs: number(25_000).optional().describe("Wait so long for output when there is none."),
  maxBytes: number(KIB * KIB)
    .refine((value) => value >= 4, "must be at least 4")
    .optional()
    .describe("Answer with no more."),
});

/** POST /v1/terminal/:id/send */
export const sendToTerminal = defineRoute({
  ...TERMINAL_ROUTE,
  method: "POST",
  path: "/v1/terminal/:id/send",
  operationId: "sendToTerminal",
  summary: "Type into a terminal. With `waitMs` the answer is the output that follows.",
  maxBodyBytes: 512 * KIB,
  body: SendInput,
  response: SentEnvelope,
  failures: ["not_found", "conflict", "payload_too_large", "rate_limit_exceeded", "not_installed"],
  async handle(context) {
    const terminal = await terminalOf(context);
    const { data, encoding, waitMs } = context.body;
    const bytes = bytesOf("data", data, encoding);
    const { cursor } = terminal.detail();
    await terminal.send(bytes);
    if (waitMs === undefined) return DONE;
    return outputView(await terminal.read({ cursor, waitMs, signal: context.request.signal }), true);
  },
});

/** GET /v1/terminal/:id/output */
export const readTerminal = defineRoute({
  ...TERMINAL_ROUTE,
  method: "GET",
  path: "/v1/terminal/:id/output",
  operationId: "readTerminalOutput",
  summary: "Read what came since your last read, or since `?cursor=`; wait for it with `?waitMs=`.",
  query: OutputQuery,
  response: TerminalOutput,
  failures: ["not_found", "not_installed"],
  async handle(context) {
    const { of, cursor, waitMs, maxBytes } = context.query;
    const terminal = await terminalOf(context);
    const piece = await terminal.read({ of, cursor, waitMs, maxBytes, signal: context.request.signal });
    return outputView(piece, cursor !== undefined || waitMs !== undefined || maxBytes !== undefined);
  },
});

/** POST /v1/terminal/:id/resize */
export const resizeTerminal = defineRoute({
  ...TERMINAL_ROUTE,
  method: "POST",
  path: "/v1/terminal/:id/resize",
  operationId: "resizeTerminal",
  summary: "Give a terminal another size.",
  body: TerminalSize,
  response: TerminalDone,
  failures: ["not_found", "conflict"],
  async handle(context) {
    (await terminalOf(context)).resize(context.body);
    return DONE;
  },
});

/** POST /v1/terminal/:id/signal */
export const signalTerminal = defineRoute({
  ...TERMINAL_ROUTE,
  method: "POST",
  path: "/v1/terminal/:id/signal",
  operationId: "signalTerminal",
  summary: "Signal the program in the foreground.",
  body: TerminalSignal,
  response: TerminalDone,
  failures: ["not_found", "conflict"],
  async handle(context) {
    (await terminalOf(context)).signal(context.body.signal);
    return DONE;
  },
});
