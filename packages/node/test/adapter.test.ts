import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { nodeGateway, serve } from "@sluice/node";
import { describeAdapter, type MountedGateway } from "@sluice/testkit/contracts";

async function listen(listener: RequestListener, prefix = ""): Promise<MountedGateway> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // it listens on TCP
  return {
    base: `http://127.0.0.1:${port}${prefix}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

describeAdapter("node:http", (gateway) => listen(nodeGateway(gateway)));
describeAdapter("node:http at a prefix", (gateway) => listen(nodeGateway(gateway, { prefix: "/ai" }), "/ai"));
describeAdapter("serve", async (gateway) => {
  const serving = await serve(gateway, { port: 0, drain: { acceptMs: 0, finishMs: 0 } });
  return { base: serving.url, close: () => serving.close() };
});
/** What Hono on Node.js and its kind do: Fetch objects over a socket. */
describeAdapter("Fetch", (gateway) =>
  listen(async (incoming, outgoing) => {
    const leaving = new AbortController();
    outgoing.on("close", () => leaving.abort());
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const body = chunks.length > 0 ? Buffer.concat(chunks) : null;
    const { method = "GET", url = "/", headers } = incoming;
    const request = new Request(`http://${headers.host}${url}`, {
      method,
      headers: Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]),
      body,
      signal: leaving.signal,
    });
    const response = await gateway.fetch(request);
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    const reader = response.body?.getReader();
    outgoing.on("close", () => void reader?.cancel().catch(() => {}));
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) outgoing.write(part.value);
    outgoing.end();
  }),
);
