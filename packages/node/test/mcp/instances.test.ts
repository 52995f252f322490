import { tmpdir } from "node:os";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { Gateway, type GatewayConfigInput } from "@sluice/core";
import { serve } from "@sluice/node";
import { expect, it, onTestFinished } from "vitest";

type McpConfig = GatewayConfigInput["mcp"];

async function instance(mcp: McpConfig): Promise<{ readonly gateway: Gateway; readonly origin: string }> {
  const terminal = { mode: "loopback" as const, shells: ["/bin/bash"], env: { HOME: "/" } };
  const gateway = new Gateway({ terminal, mcp: { enabled: true, ...mcp } });
  const serving = await serve(gateway, { host: "127.0.0.1", port: 0, drain: { acceptMs: 0, finishMs: 0 } });
  onTestFinished(() => serving.close());
  return { gateway, origin: serving.url };
}

/** A client before a load balancer that takes the instances in turn. */
async function connect(origins: readonly string[], start = 0): Promise<Client> {
  let turn = start;
  const transport = new StreamableHTTPClientTransport(new URL("http://balancer.invalid/v1/mcp"), {
    fetch: (_url, init) => fetch(new URL("/v1/mcp", origins[turn++ % origins.length]), init),
  });
  const client = new Client({ name: "test", version: "1" });
  onTestFinished(() => client.close());
  await client.connect(transport);
  return client;
}

const LOCAL = { local: { type: "local" as const, cwd: tmpdir() } };

it("without sessions any instance answers any message of the SDK's own client", async () => {
  const [one, other] = [await instance({ stateless: true }), await instance({ stateless: true })];
  const client = await connect([one.origin, other.origin]);
  for (let n = 0; n < 4; n++) {
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(["list_models", "chat"]);
    const { content } = await client.callTool({ name: "chat", arguments: { prompt: `Hello ${n}` } });
    expect(content).toEqual([{ type: "text", text: expect.stringContaining(`Hello ${n}`) }]);
  }
});

it("without sessions there are no terminals, and nothing to listen to or to end", async () => {
  const { origin, gateway } = await instance({ stateless: true, terminals: LOCAL, approval: "client" });
  const client = await connect([origin]);
  expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(["list_models", "chat"]);
  await expect(client.callTool({ name: "terminal_execute", arguments: { command: "id" } })).rejects.toThrow("no tool");
  expect(await gateway.terminals.list()).toEqual([]);
  const headers = { accept: "text/event-stream", "mcp-session-id": "mcp-0" };
  for (const method of ["GET", "DELETE"]) {
    const answer = await fetch(new URL("/v1/mcp", origin), { method, headers });
    expect([answer.status, await answer.json()]).toEqual([405, expect.objectContaining({ error: expect.any(String) })]);
  }
});

it("with sessions another instance answers 404, which tells the SDK's own client to begin anew", async () => {
  const [one, other] = [await instance({ terminals: LOCAL, approval: "client" }), await instance({})];
  const client = await connect([one.origin]);
  await client.callTool({ name: "terminal_execute", arguments: { command: "true" } });
  const { sessionId } = client.transport as StreamableHTTPClientTransport;
  const lost = new StreamableHTTPClientTransport(new URL("/v1/mcp", other.origin), { sessionId: sessionId ?? "" });
  onTestFinished(() => lost.close());
  await lost.start();
  const refused = await lost.send({ jsonrpc: "2.0", id: 1, method: "ping" }).catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: 404, message: expect.stringContaining("initialize another") });
  expect(await (await connect([other.origin])).ping()).toEqual({});
  expect(await client.ping()).toEqual({}); // its own is as it was
});
