import { GatewayError } from "../errors.js";
import type { GatewayResponse } from "../spec/http.js";
import type { McpRequest, McpService } from "../spec/mcp.js";
import { answerOver } from "./http-request.js";
import { type ModelSource, modelTools } from "./model-tools.js";
import { loadTransport } from "./sdk.js";
import { serveTools } from "./serve-tools.js";

/**
 * MCP over HTTP without sessions: every message is answered by itself, so that any instance answers any of them. There are
 * the models and no terminals, which would have to be somewhere from one message to the next.
 */
export class StatelessMcp implements McpService {
  readonly #gateway: ModelSource;

  constructor(gateway: ModelSource) {
    this.#gateway = gateway;
  }

  async handle(request: McpRequest): Promise<GatewayResponse> {
    if (request.method !== "POST") {
      throw new GatewayError("method_not_allowed", { details: "there are no sessions here (mcp.stateless)" });
    }
    const { WebStandardStreamableHTTPServerTransport } = loadTransport();
    const transport = new WebStandardStreamableHTTPServerTransport();
    const server = serveTools(this.#gateway, [modelTools(this.#gateway, request.identity)]);
    await server.connect(transport);
    const end = () => void server.close().catch(() => {}); // there is nothing behind it
    try {
      return await answerOver(transport, request, end);
    } catch (error) {
      end();
      throw error;
    }
  }

  async close(): Promise<void> {}
}
