import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Gateway } from "@sluice/core";
import { attachUpgrade } from "./attach-upgrade.js";
import { nodeGateway } from "./node-gateway.js";
import { OwnResponse } from "./own-response.js";
import { rawResponse } from "./raw-response.js";
import { UpgradeRequest } from "./upgrade-request.js";

/** Time for headers and body is limited, so that silent connections do not pile up. */
const SERVER_OPTIONS = {
  maxHeaderSize: 16 * 1024,
  requireHostHeader: false, // the gateway checks Host itself; Node's own refusal has no JSON body
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 2_000,
  keepAliveTimeout: 65_000, // above the 60 s of common load balancers
};
const MAX_REQUESTS_PER_SOCKET = 10_000;
const MAX_HEADERS = 100;

/** A node:http server for a gateway: every answer is JSON, the parser's own refusals included. */
export function createGatewayServer(gateway: Gateway, draining: () => boolean): Server {
  const listener = nodeGateway(gateway);
  const take = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    if (draining()) outgoing.setHeader("connection", "close");
    if (incoming.rawHeaders.length > 2 * MAX_HEADERS) refuse(outgoing, TOO_MANY_HEADERS);
    else listener(incoming, outgoing);
  };
  const server = createServer(
    { ...SERVER_OPTIONS, IncomingMessage: UpgradeRequest, ServerResponse: OwnResponse },
    take,
  );
  server.maxRequestsPerSocket = MAX_REQUESTS_PER_SOCKET;
  server.maxHeadersCount = 0; // Node would drop what is beyond a count in silence
  server.on("checkContinue", take);
  server.on("checkExpectation", (_incoming, outgoing) => {
    refuse(outgoing, [417, "Invalid request", "the Expect header is not understood"]);
  });
  attachUpgrade(server, gateway);
  server.on("connect", (_incoming, socket: Duplex) => {
    socket.on("error", () => socket.destroy());
    socket.end(rawResponse(405, errorBody("Method not allowed", "CONNECT is not supported")));
  });
  server.on("clientError", answerClientError);
  return server;
}

type Refusal = readonly [status: number, error: string, details: string];

const TOO_MANY_HEADERS: Refusal = [431, "Request headers too large", `at most ${MAX_HEADERS} headers are accepted`];

/** Refuses before anything of the request is looked at. */
function refuse(outgoing: ServerResponse, [status, error, details]: Refusal): void {
  outgoing.writeHead(status, { "content-type": "application/json; charset=utf-8", connection: "close" });
  outgoing.end(errorBody(error, details));
}

const PARSER_ERRORS: Readonly<Record<string, Refusal>> = {
  HPE_HEADER_OVERFLOW: [431, "Request headers too large", "at most 16 KiB of headers are accepted"],
  ERR_HTTP_REQUEST_TIMEOUT: [408, "The request did not arrive in time", "headers within 10 s, the body within 30 s"],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, "Request body too large", "chunk extensions are too long"],
};

function answerClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  const { bytesWritten = 0 } = socket as Socket; // Duplex in the types, a socket in fact
  const answering = "_httpMessage" in socket && socket._httpMessage !== null && bytesWritten > 0;
  if (!socket.writable || error.code === "ECONNRESET" || answering) return void socket.destroy();
  const [status, message, details] = PARSER_ERRORS[error.code ?? ""] ?? [
    400,
    "Invalid request",
    "this is not HTTP/1.1",
  ];
  socket.end(rawResponse(status, errorBody(message, details)));
}

function errorBody(error: string, details: string): string {
  return JSON.stringify({ error, details });
}
