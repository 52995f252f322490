import { z } from "zod";
import { TerminalDone } from "../../schemas/terminal.js";
import { ExecuteCommand, ExecuteEnvelope, ExecuteEvent, ExecutionEnvelope } from "../../schemas/terminal-call.js";
import { validate } from "../../schemas/validate.js";
import { defineRoute, reply } from "../route.js";
import { CommandEvents } from "../terminal-events.js";
import { DONE, Flag, number, TERMINAL_ROUTE, terminalOf } from "../terminal-route.js";

const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** POST /v1/terminal/:id/execute */
export const executeInTerminal = defineRoute({
  ...TERMINAL_ROUTE,
  method: "POST",
  path: "/v1/terminal/:id/execute",
  operationId: "executeInTerminal",
  summary: "Run a command and wait for its result; a command that fails is a result too. With `?stream=1` as events.",
  maxBodyBytes: MAX_BODY_BYTES,
  body: ExecuteCommand,
  query: z.object({ stream: Flag.describe("Answer with events as output comes.") }),
  response: ExecuteEnvelope,
  stream: {
    description: "With `?stream=1`: `stdout` and `stderr` events as output comes, then `exit` or `error`.",
    event: ExecuteEvent,
  },
  failures: ["not_found", "conflict", "payload_too_large", "rate_limit_exceeded", "remote_failed"],
  async handle(context) {
    const terminal = await terminalOf(context);
    const { body, request, query } = context;
    if (query.stream) return eventReply(new CommandEvents(terminal, body, request.signal));
    const { command, background, onDisconnect, ...options } = body;
    const signal = onDisconnect === "cancel" && !background ? request.signal : undefined;
    const { execution, result } = terminal.start(command, { ...options, signal });
    if (!background) return { result: await result };
    result.catch(() => {}); // whoever looks at the execution sees how it ended
    return { execution };
  },
});

function eventReply(body: CommandEvents) {
  return reply({ status: 200, headers: { "content-type": "text/event-stream; charset=utf-8" }, body });
}

/** GET /v1/terminal/:id/executions/:n */
export const getExecution = defineRoute({
  ...TERMINAL_ROUTE,
  method: "GET",
  path: "/v1/terminal/:id/executions/:n",
  operationId: "getTerminalExecution",
  summary: "Look at one of a terminal's last commands.",
  response: ExecutionEnvelope,
  failures: ["not_found"],
  async handle(context) {
    const n = validate(number(Number.MAX_SAFE_INTEGER), context.params.n);
    return { execution: (await terminalOf(context)).execution(n) };
  },
});

/** DELETE /v1/terminal/:id/executions/:n */
export const stopExecution = defineRoute({
  ...TERMINAL_ROUTE,
  method: "DELETE",
  path: "/v1/terminal/:id/executions/:n",
  operationId: "stopTerminalExecution",
  summary: "Stop a command that waits or runs; the terminal stays as it is.",
  response: TerminalDone,
  failures: ["not_found", "conflict"],
  async handle(context) {
    const n = validate(number(Number.MAX_SAFE_INTEGER), context.params.n);
    (await terminalOf(context)).stopExecution(n);
    return DONE;
  },
});
