import { isGatewayError } from "../../errors.js";
import { McpMessage } from "../../schemas/mcp-message.js";
import { defineRoute, type Route, type RouteContext, reply } from "../route.js";
import { terminalsFor } from "../terminal-access.js";

const MAX_BODY_BYTES = 2 * 1024 * 1024;
const COMMON = {
  tag: "MCP",
  access: "client",
  path: "/v1/mcp",
  response: "text/event-stream",
  failures: ["not_found", "not_installed"],
} as const;

/** POST /v1/mcp */
export const sendMcpMessage = defineRoute({
  ...COMMON,
  method: "POST",
  operationId: "sendMcpMessage",
  summary: "Send a message of the Model Context Protocol (streamable HTTP); the answer may be JSON or events.",
  maxBodyBytes: MAX_BODY_BYTES,
  body: McpMessage,
  handle: answer,
});

/** GET /v1/mcp */
export const listenToMcp = defineRoute({
  ...COMMON,
  method: "GET",
  operationId: "listenToMcp",
  summary: "Listen to what the MCP server has to say by itself.",
  handle: answer,
});

/** DELETE /v1/mcp */
export const endMcpSession = defineRoute({
  ...COMMON,
  method: "DELETE",
  operationId: "endMcpSession",
  summary: "End an MCP session, with everything that runs in its terminals.",
  handle: answer,
});

async function answer(context: RouteContext<unknown>) {
  const { services, request, identity, body } = context;
  const mcp = await services.mcp();
  const { method, headers, signal } = request;
  const mayUseTerminals = () => mayKnowOfTerminals(context);
  return reply(await mcp.handle({ method, headers, message: body, identity, signal, mayUseTerminals }));
}

/** The rules of the terminals' own routes hold here too. */
async function mayKnowOfTerminals(context: RouteContext<unknown>): Promise<boolean> {
  try {
    await terminalsFor(context);
    return true;
  } catch (error) {
    if (isGatewayError(error) && (error.code === "forbidden" || error.code === "unauthorized")) return false;
    throw error;
  }
}

/** Every route of the MCP server. */
export const mcpRoutes: readonly Route[] = [sendMcpMessage, listenToMcp, endMcpSession];
