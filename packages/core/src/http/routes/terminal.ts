import { GatewayError } from "../../errors.js";
import type { CarriedCall, TerminalElsewhere } from "../../spec/carried-call.js";
import type { GatewayResponse, LeaveSignal } from "../../spec/http.js";
import { carriedContext, elsewhereAnswer } from "../carried.js";
import { type Route, type RouteContext, respond } from "../route.js";
import type { Services } from "../services.js";
import { terminalsFor } from "../terminal-access.js";
import { actorOf } from "../terminal-route.js";
import { attachToTerminal, issueTicket, ticketIn } from "./terminal-attach.js";
import { executeInTerminal, getExecution, stopExecution } from "./terminal-commands.js";
import { readTerminal, resizeTerminal, sendToTerminal, signalTerminal } from "./terminal-screen.js";
import { deleteTerminal, getTerminal, listTerminals, openTerminal, restartTerminal } from "./terminal-sessions.js";

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
async function elsewhere(context: RouteContext<unknown>): Promise<TerminalElsewhere | null> {
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
