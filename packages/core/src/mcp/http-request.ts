import type { WebStandardStreamableHTTPServerTransport as Transport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import type { GatewayResponse } from "../spec/http.js";
import type { McpRequest } from "../spec/mcp.js";
import { EventBody } from "./event-body.js";

/** Names a session. */
export const SESSION_HEADER = "mcp-session-id";
/** What the transport looks at. */
const HEADERS = ["accept", "content-type", "last-event-id", "mcp-protocol-version", SESSION_HEADER];

/** Has the SDK's transport answer. @param onEnd - called once, when the answer has been sent or nobody waits for it */
export async function answerOver(
  transport: Transport,
  request: McpRequest,
  onEnd: () => void,
): Promise<GatewayResponse> {
  const headers: Record<string, string> = {};
  for (const name of HEADERS) {
    const value = request.headers.get(name);
    if (value !== null) headers[name] = value;
  }
  // The host is the guard's business, which has been there before.
  const asked = new Request("http://localhost/v1/mcp", { method: request.method, headers });
  const response = await transport.handleRequest(asked, { parsedBody: request.message });
  const answer = { status: response.status, headers: Object.fromEntries(response.headers) };
  if (response.body !== null && answer.headers["content-type"]?.startsWith("text/event-stream")) {
    return { ...answer, body: new EventBody(response.body, request.signal, onEnd) };
  }
  const body = response.body === null ? null : await response.text();
  onEnd();
  return { ...answer, body };
}
