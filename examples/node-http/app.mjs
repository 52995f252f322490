import { createServer } from "node:http";
import { Gateway } from "@sluice/core";
import { nodeGateway } from "@sluice/node";

/** An application of its own that serves the gateway below /ai. */
export function buildApp(options = {}) {
  const gateway = new Gateway(options);
  const ai = nodeGateway(gateway, { prefix: "/ai" });
  const server = createServer((request, response) => ai(request, response, () => response.end("my own page\n")));
  return { gateway, server };
}
