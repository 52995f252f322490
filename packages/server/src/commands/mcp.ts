import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import type { Flags } from "../config/load.js";
import { loadConfig } from "../config.js";
import { withKeptMasterKey } from "../development-secrets.js";
import { gatewayOf } from "../gateway-of.js";
import { createLogger } from "../logger.js";
import { bareStoreOf } from "../store-of.js";

/**
 * `sluice mcp`: an MCP server on standard input and output, until its client leaves. Whoever starts it could start a shell
 * as well, so it asks for no credential. A server may run on the same data directory.
 */
export async function mcp(flags: Flags): Promise<void> {
  const { config } = loadConfig(flags);
  const logger = createLogger(config);
  const parts = config.store === "memory" ? { logger } : { logger, store: bareStoreOf(config) };
  const gateway = gatewayOf(withKeptMasterKey(config), parts);
  const left = clientLeft();
  try {
    const server = await gateway.mcp();
    await gateway.ready();
    await server.connect(new StdioServerTransport());
    await left;
    await server.close();
  } finally {
    await gateway.close();
  }
}

/** Resolves when the client has closed the pipe, or somebody ends this process. */
function clientLeft(): Promise<void> {
  return new Promise((resolve) => {
    process.stdin.once("end", resolve);
    process.stdin.once("close", resolve);
    process.once("SIGINT", () => resolve());
    process.once("SIGTERM", () => resolve());
  });
}
