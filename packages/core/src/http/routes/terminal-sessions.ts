import { z } from "zod";
import {
  OpenTerminal,
  TerminalDetailEnvelope,
  TerminalDone,
  TerminalEnvelope,
  TerminalList,
} from "../../schemas/terminal.js";
import { Nothing } from "../../schemas/terminal-call.js";
import { defineRoute } from "../route.js";
import { terminalsFor } from "../terminal-access.js";
import { actorOf, DONE, Flag, TERMINAL_ROUTE, terminalOf } from "../terminal-route.js";

const CREATED = 201;
const MAX_BODY_BYTES = 256 * 1024;

/** POST /v1/terminal/sessions */
export const openTerminal = defineRoute({
  ...TERMINAL_ROUTE,
  method: "POST",
  path: "/v1/terminal/sessions",
  operationId: "openTerminal",
  summary: "Open a terminal on this machine, or on another one over SSH or Telnet.",
  status: CREATED,
  maxBodyBytes: MAX_BODY_BYTES,
  body: OpenTerminal,
  response: TerminalEnvelope,
  failures: ["rate_limit_exceeded", "not_installed", "host_key_changed", "remote_failed", "remote_timeout"],
  async handle(context) {
    const terminals = await terminalsFor(context);
    const terminal = await terminals.open(context.body, actorOf(context), context.request.signal);
    return { session: terminal.view() };
  },
});

/** GET /v1/terminal/sessions */
export const listTerminals = defineRoute({
  ...TERMINAL_ROUTE,
  method: "GET",
  path: "/v1/terminal/sessions",
  operationId: "listTerminals",
  summary: "List your terminals; an admin sees all. With `?detail=1` the state of each too.",
  query: z.object({ detail: Flag.describe("The state of each too.") }),
  response: TerminalList,
  async handle(context) {
    const { detail } = context.query;
    const terminals = await terminalsFor(context);
    const found = terminals.list(actorOf(context)).map((each) => (detail ? each.detail() : each.view()));
    const others = await terminals.listElsewhere(actorOf(context));
    const all = [...found, ...others.map((each) => each.view())];
    return { sessions: all.sort((one, other) => (one.createdAt < other.createdAt ? -1 : 1)) };
  },
});

/** GET /v1/terminal/:id */
export const getTerminal = defineRoute({
  ...TERMINAL_ROUTE,
  method: "GET",
  path: "/v1/terminal/:id",
  operationId: "getTerminal",
  summary: "Look at one terminal and its state.",
  response: TerminalDetailEnvelope,
  failures: ["not_found"],
  handle: async (context) => ({ session: (await terminalOf(context)).detail() }),
});

/** POST /v1/terminal/:id/restart */
export const restartTerminal = defineRoute({
  ...TERMINAL_ROUTE,
  method: "POST",
  path: "/v1/terminal/:id/restart",
  operationId: "restartTerminal",
  summary: "Start afresh under the same id: every program ends, directory and variables are forgotten.",
  body: Nothing,
  response: TerminalDone,
  failures: ["not_found", "conflict"],
  async handle(context) {
    await (await terminalOf(context)).restart();
    return DONE;
  },
});

/** DELETE /v1/terminal/:id */
export const deleteTerminal = defineRoute({
  ...TERMINAL_ROUTE,
  method: "DELETE",
  path: "/v1/terminal/:id",
  operationId: "deleteTerminal",
  summary: "Close a terminal, with everything that runs in it.",
  response: TerminalDone,
  failures: ["not_found"],
  async handle(context) {
    await (await terminalOf(context)).close();
    return DONE;
  },
});
