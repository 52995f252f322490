import { type ModelSource, modelTools } from "./mcp/model-tools.js";
import { serveTools } from "./mcp/serve-tools.js";
import { terminalToolbox } from "./mcp/terminal-toolbox.js";
import type { Identity } from "./spec/http.js";
import type { TerminalPolicy, TerminalSource } from "./terminal/agents.js";

export type { ModelSource } from "./mcp/model-tools.js";

/** What an MCP server stands for: a `Gateway` is one. */
export interface McpGateway extends ModelSource, TerminalSource {}

/** Options of {@link mcpServer}. */
export interface McpServerOptions {
  /** On whose behalf; its rights and limits apply. @defaultValue the application itself, which may do everything */
  readonly identity?: Identity | undefined;
  /**
   * What the client's model may do with terminals. Without `approve` the person before the client is asked, by elicitation;
   * a client that cannot ask gets a no. @defaultValue nothing: there are no tools of terminals
   */
  readonly terminals?: TerminalPolicy | undefined;
}

/** A transport as the SDK has it, such as `StdioServerTransport`. */
export interface McpTransport {
  start(): Promise<void>;
  send(message: object, options?: object): Promise<void>;
  close(): Promise<void>;
}

/** An MCP server for one client. */
export interface McpServer {
  /** Serves the client behind a transport. */
  connect(transport: McpTransport): Promise<void>;
  /** Sends the client away, and ends its terminals. */
  close(): Promise<void>;
}

/**
 * Makes an MCP server of a gateway's models and, within a policy, its terminals. It needs the package
 * `@modelcontextprotocol/sdk`.
 *
 * @throws GatewayError `not_installed`
 * @throws TypeError for a policy that contradicts itself
 *
 * @example
 * ```ts
 * const server = mcpServer(gateway, { terminals: { allow: ["git status"] } });
 * await server.connect(new StdioServerTransport());
 * ```
 */
export function mcpServer(gateway: McpGateway, { identity, terminals }: McpServerOptions = {}): McpServer {
  const models = modelTools(gateway, identity);
  const boxes = terminals ? [models, terminalToolbox(gateway, { identity, ...terminals })] : [models];
  const server = serveTools(gateway, boxes);
  return {
    connect: (transport) => server.connect(transport as Parameters<typeof server.connect>[0]), // the SDK's own, told loosely
    async close() {
      await server.close();
      await Promise.all(boxes.map((box) => box.close()));
    },
  };
}
