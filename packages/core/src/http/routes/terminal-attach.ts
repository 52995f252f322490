import { GatewayError } from "../../errors.js";
import { ATTACH_PROTOCOL } from "../../schemas/terminal-attach.js";
import { Nothing, TerminalTicket } from "../../schemas/terminal-call.js";
import type { GatewayRequest } from "../../spec/http.js";
import type { TerminalHandle } from "../../spec/terminal-session.js";
import { defineRoute, type RouteContext, reply } from "../route.js";
import { TERMINAL_ROUTE, terminalOf } from "../terminal-route.js";

const TICKET = "ticket.";
const UPGRADE_REQUIRED = 426;

/** POST /v1/terminal/:id/ticket */
export const issueTicket = defineRoute({
  ...TERMINAL_ROUTE,
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
  ...TERMINAL_ROUTE,
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

async function attached(
  context: RouteContext<unknown>,
  ticket: string | undefined,
  id: string,
): Promise<TerminalHandle> {
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

/** The ticket that stands among the subprotocols a WebSocket asks for. */
export function ticketIn({ headers }: GatewayRequest): string | undefined {
  const protocols = (headers.get("sec-websocket-protocol") ?? "").split(",").map((each) => each.trim());
  return protocols.find((each) => each.startsWith(TICKET))?.slice(TICKET.length);
}
