import type * as serverModule from "@modelcontextprotocol/sdk/server/index.js";
import type * as transportModule from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import type * as typesModule from "@modelcontextprotocol/sdk/types.js";
import { requirePeer } from "../require-peer.js";

const FEATURE = "The MCP server";

/** The SDK's server and the schemas of its messages. @throws GatewayError `not_installed` */
export function loadServer(): typeof serverModule & typeof typesModule {
  const server = requirePeer("@modelcontextprotocol/sdk/server/index.js", FEATURE) as typeof serverModule;
  const types = requirePeer("@modelcontextprotocol/sdk/types.js", FEATURE) as typeof typesModule;
  return { ...types, ...server }; // the package's own types
}

/** The SDK's transport for streamable HTTP. @throws GatewayError `not_installed` */
export function loadTransport(): typeof transportModule {
  const name = "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
  return requirePeer(name, FEATURE) as typeof transportModule; // the package's own types
}
