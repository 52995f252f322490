import { GatewayError } from "../errors.js";
import type { TerminalSessionDetail } from "../schemas/terminal.js";
import type { CarriedCall, TerminalElsewhere } from "../spec/carried-call.js";
import type { GatewayResponse, LeaveSignal } from "../spec/http.js";
import { knows, NOBODY } from "./identity.js";
import { type Prepared, type Route, type RouteContext, reply } from "./route.js";
import type { Services } from "./services.js";
import { watchedSocket } from "./watched-socket.js";

type Context = RouteContext<unknown>;

/** The headers that routes of terminals look at; credentials stay here. */
const HEADERS = ["upgrade", "sec-websocket-protocol"];

/**
 * Answers a call about a terminal that another instance has.
 * @throws GatewayError `conflict` where that instance has ended
 */
export async function elsewhereAnswer(terminal: TerminalElsewhere, route: Route, context: Context): Promise<unknown> {
  if (!terminal.isAlive) return answerForDead(terminal, route);
  const { peer } = context;
  if (route.operationId === ATTACH && !peer?.canUpgrade) return route.handle(context); // says what is missing
  const answer = await terminal.carry(callOf(route, context), context.request.signal);
  return reply(hasCredential(context) ? watched(answer, context) : answer) satisfies Prepared;
}

/** Whoever shows a ticket instead is looked for by name where it was issued. */
function hasCredential({ identity }: Context): boolean {
  return identity.id !== NOBODY.id;
}

/** Attached to another instance he is, but only here his credential can be looked at again. */
function watched({ upgrade, ...answer }: GatewayResponse, context: Context): GatewayResponse {
  if (!upgrade) return answer;
  const { services, request, peer, identity } = context;
  const isStillKnown = () => knows(services, { request, peer, identity });
  return { ...answer, upgrade: (socket) => upgrade(watchedSocket(socket, isStillKnown, services.clock)) };
}

const ATTACH = "attachToTerminal";

/** A terminal ends with its instance; it is shown, and can be taken off the list. */
async function answerForDead(terminal: TerminalElsewhere, { operationId }: Route): Promise<unknown> {
  if (operationId === "getTerminal") return { session: deadDetail(terminal) };
  if (operationId !== "deleteTerminal") {
    throw new GatewayError("conflict", {
      details: "the instance that had this terminal has ended; delete the session",
    });
  }
  await terminal.forget();
  return { success: true };
}

function deadDetail(terminal: TerminalElsewhere): TerminalSessionDetail {
  return {
    ...terminal.view(),
    state: "closed",
    name: null,
    owner: terminal.owner,
    size: { cols: 80, rows: 24 },
    idleMs: 0,
    cwd: null,
    cursor: 0,
    exit: { code: null, signal: null, reason: "connection_lost" },
    details: {},
  };
}

function callOf({ operationId }: Route, context: Context): CarriedCall {
  const { request, params, query, body, identity, peer, requestId } = context;
  const headers: Record<string, string> = {};
  for (const name of HEADERS) {
    const value = request.headers.get(name);
    if (value !== null) headers[name] = value;
  }
  const { method, url } = request;
  return { operationId, method, url, headers, params, query, body, identity, address: peer?.address, requestId };
}

/** What a route gets of a call that was carried here. */
export function carriedContext(services: Services, call: CarriedCall, signal: LeaveSignal): Context {
  const { method, url, headers, params, query, body, identity, address, requestId } = call;
  const request = {
    method,
    url,
    headers: { get: (name: string) => headers[name.toLowerCase()] ?? null },
    signal,
    arrayBuffer: async () => new ArrayBuffer(0),
  };
  const peer = { address, canUpgrade: true };
  return { services, request, peer, identity, requestId, params, query, body, text: "", form: null, isCarried: true };
}
