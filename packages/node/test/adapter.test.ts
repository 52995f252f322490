import { getRequestListener } from "@hono/node-server";
import { fetchGateway } from "@sluice/core";
import { nodeGateway, serve } from "@sluice/node";
import { describeAdapter, listen } from "@sluice/testkit/contracts";

describeAdapter("node:http", (gateway) => listen(nodeGateway(gateway)));
describeAdapter("node:http at a prefix", (gateway) => listen(nodeGateway(gateway, { prefix: "/ai" }), "/ai"));
describeAdapter("serve", async (gateway) => {
  const serving = await serve(gateway, { port: 0, drain: { acceptMs: 0, finishMs: 0 } });
  return { base: serving.url, close: () => serving.close() };
});
/** As Hono and its kind run on Node.js: Fetch objects over a socket. */
describeAdapter("Fetch", (gateway) => listen(getRequestListener(gateway.fetch)));
describeAdapter("Fetch at a prefix", (gateway) =>
  listen(getRequestListener(fetchGateway(gateway, { prefix: "/api/ai" })), "/api/ai"),
);
