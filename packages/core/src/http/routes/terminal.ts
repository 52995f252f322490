import { z } from "zod";
import { GatewayError } from "../../errors.js";
import { bytesOf } from "../../schemas/bytes-of.js";
import {
  OpenTerminal,
  TerminalDetailEnvelope,
  TerminalDone,
  TerminalEnvelope,
  TerminalList,
  TerminalSize,
} from "../../schemas/terminal.js";
import { ATTACH_PROTOCOL } from "../../schemas/terminal-attach.js";
import {
  ExecuteCommand,
  ExecuteEnvelope,
  ExecuteEvent,
  ExecutionEnvelope,
  Nothing,
  SendInput,
  SentEnvelope,
  TerminalOutput,
  TerminalSignal,
  TerminalTicket,
} from "../../schemas/terminal-call.js";
import { validate } from "../../schemas/validate.js";
import type { Actor } from "../../spec/call.js";
import type { CarriedCall, TerminalElsewhere } from "../../spec/carried-call.js";
import type { GatewayRequest, GatewayResponse, LeaveSignal } from "../../spec/http.js";
import type { TerminalHandle } from "../../spec/terminal-session.js";
import { carriedContext, elsewhereAnswer } from "../carried.js";
import { knows } from "../identity.js";
import { defineRoute, type Route, type RouteContext, reply, respond } from "../route.js";
import type { Services } from "../services.js";
import { terminalsFor } from "../terminal-access.js";
import { CommandEvents } from "../terminal-events.js";
import { outputView } from "../terminal-output.js";

const KIB = 1024;
/** The role is looked at where a terminal is opened: some callers have the right to one kind alone. */
const COMMON = { tag: "Terminal", access: "client" } as const;
const DONE = { success: true as const };
const CREATED = 201;

type Context = RouteContext<unknown>;

function actorOf({ services, request, identity, peer, requestId, isCarried }: Context): Actor {
  if (isCarried) return { identity, address: peer?.address, requestId }; // the credential has stayed where it was shown
  const isStillKnown = () => knows(services, { request, peer, identity });
  return { identity, address: peer?.address, requestId, isStillKnown };
}

/** The terminal a path names. @throws GatewayError `not_found`, also for somebody else's */
async function terminalOf(context: Context): Promise<TerminalHandle> {
  return (await terminalsFor(context)).find(context.params.id ?? "", actorOf(context));
}

const Flag = z
  .enum(["0", "1", "false", "true"])
  .default("0")
  .transform((text) => text === "1" || text === "true");

function number(max: number) {
  return z
    .string()
    .regex(/^\d{1,15}$/, "must be a whole number")
    .transform(Number)
    .refine((value) => value <= max, `must be at most ${max}`);
}

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

/** POST /v1/terminal/sessions */
export const openTerminal = defineRoute({
  ...COMMON,
  method: "POST",
  path: "/v1/terminal/sessions",
  operationId: "openTerminal",
  summary: "Open a terminal on this machine, or on another one over SSH or Telnet.",
  status: CREATED,
  maxBodyBytes: 256 * KIB,
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
  ...COMMON,
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
  ...COMMON,
  method: "GET",
  path: "/v1/terminal/:id",
  operationId: "getTerminal",
  summary: "Look at one terminal and its state.",
  response: TerminalDetailEnvelope,
  failures: ["not_found"],
  handle: async (context) => ({ session: (await terminalOf(context)).detail() }),
});

/** DELETE /v1/terminal/:id */
export const deleteTerminal = defineRoute({
  ...COMMON,
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

/** POST /v1/terminal/:id/execute */
export const executeInTerminal = defineRoute({
  ...COMMON,
  method: "POST",
  path: "/v1/terminal/:id/execute",
  operationId: "executeInTerminal",
  summary: "Run a command and wait for its result; a command that fails is a result too. With `?stream=1` as events.",
  maxBodyBytes: 16 * KIB * KIB,
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
  ...COMMON,
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
  ...COMMON,
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

/** POST /v1/terminal/:id/send */
export const sendToTerminal = defineRoute({
  ...COMMON,
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
  ...COMMON,
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
  ...COMMON,
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
  ...COMMON,
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

/** POST /v1/terminal/:id/restart */
export const restartTerminal = defineRoute({
  ...COMMON,
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

/** POST /v1/terminal/:id/ticket */
export const issueTicket = defineRoute({
  ...COMMON,
  method: "POST",
  path: "/v1/terminal/:id/ticket",
  operationId: "issueTerminalTicket",
  summary: "Get a ticket for one attach within 30 seconds, for pages that cannot send headers with a WebSocket.",
  body: Nothing,
  response: TerminalTicket,
  failures: ["not_found", "conflict"],
  handle: async (context) => (await terminalOf(context)).ticket(),
});

/** GET /v1/terminal/:id/attach */
export const attachToTerminal = defineRoute({
  ...COMMON,
  access: "public", // a ticket is a credential too
  method: "GET",
  path: "/v1/terminal/:id/attach",
  operationId: "attachToTerminal",
  summary: `Become a WebSocket (\`${ATTACH_PROTOCOL}\`) that types and shows.`,
  response: "application/octet-stream",
  failures: ["unauthorized", "not_found", "conflict", "not_installed"],
  async handle(context) {
    const { request, params, peer } = context;
    if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") throw upgradeRequired();
    const protocols = (request.headers.get("sec-websocket-protocol") ?? "").split(",").map((each) => each.trim());
    if (!protocols.includes(ATTACH_PROTOCOL)) throw upgradeRequired();
    const ticket = ticketIn(request);
    const terminal = await attached(context, ticket, params.id ?? "");
    if (!peer?.canUpgrade) {
      throw new GatewayError("not_installed", { details: "this server does not upgrade; call attachUpgrade on it" });
    }
    await terminal.prepareAttach();
    const headers = { "sec-websocket-protocol": ATTACH_PROTOCOL };
    return reply({ status: 101, headers, body: null, upgrade: (socket) => terminal.attach(socket) });
  },
});

const TICKET = "ticket.";
const UPGRADE_REQUIRED = 426;

async function attached(context: Context, ticket: string | undefined, id: string): Promise<TerminalHandle> {
  if (ticket === undefined) {
    if (context.identity.id === "nobody")
      throw new GatewayError("unauthorized", { details: "send a ticket or a token" });
    return terminalOf(context);
  }
  return (await context.services.terminals()).redeem(ticket, id);
}

function upgradeRequired(): GatewayError {
  return new GatewayError("invalid_request", {
    status: UPGRADE_REQUIRED,
    details: `connect a WebSocket here, with the subprotocol ${ATTACH_PROTOCOL}`,
    headers: { upgrade: "websocket", connection: "upgrade" },
  });
}

/** The routes of one terminal, as its own instance answers them. */
const ofOne: readonly Route[] = [
  getTerminal,
  deleteTerminal,
  executeInTerminal,
  getExecution,
  stopExecution,
  sendToTerminal,
  readTerminal,
  resizeTerminal,
  signalTerminal,
  restartTerminal,
  issueTicket,
  attachToTerminal,
];

/** Every route of terminals. What a call is about may be another instance's: that one answers then. */
export const terminalRoutes: readonly Route[] = [openTerminal, listTerminals, ...ofOne.map(wherever)];

function wherever(route: Route): Route {
  return {
    ...route,
    async handle(context) {
      const terminal = await elsewhere(context);
      return terminal ? elsewhereAnswer(terminal, route, context) : route.handle(context);
    },
  };
}

/** The terminal a path names, where another instance has it. */
async function elsewhere(context: Context): Promise<TerminalElsewhere | null> {
  const id = context.params.id ?? "";
  if (ticketIn(context.request) !== undefined) return (await context.services.terminals()).elsewhere(id, null);
  if (context.identity.id === "nobody") return null;
  return (await terminalsFor(context)).elsewhere(id, actorOf(context));
}

/** Answers a call that another instance has carried here. */
export async function answerCarried(
  services: Services,
  call: CarriedCall,
  signal: LeaveSignal,
): Promise<GatewayResponse> {
  const route = ofOne.find(({ operationId }) => operationId === call.operationId);
  if (!route) throw new GatewayError("internal", { details: "the instances are of different versions" });
  return respond(route, await route.handle(carriedContext(services, call, signal)));
}

function ticketIn({ headers }: GatewayRequest): string | undefined {
  const protocols = (headers.get("sec-websocket-protocol") ?? "").split(",").map((each) => each.trim());
  return protocols.find((each) => each.startsWith(TICKET))?.slice(TICKET.length);
}
