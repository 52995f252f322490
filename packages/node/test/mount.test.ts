import { createServer, request, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { Gateway } from "@sluice/core";
import { attachUpgrade, nodeGateway, serve } from "@sluice/node";
import { faults, gate, openai, type ScriptedUpstream, scriptedUpstream } from "@sluice/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

/** Where a machine with better things to do may take its time. */
const PATIENTLY = { timeout: 30_000, interval: 10 };
const ASK = { messages: [{ role: "user", content: "Hello!" }] };

let upstream: ScriptedUpstream;
let gateway: Gateway;

beforeEach(async () => {
  upstream = await scriptedUpstream();
  gateway = new Gateway({
    providers: { vendor: { type: "openai-compatible", baseUrl: `${upstream.url}/v1` } },
    models: [{ id: "one", provider: "vendor", apiModelName: "one", layer: "L0" }],
    routing: { attempts: 1 },
  });
});

afterEach(async () => {
  await gateway.close();
  await upstream.close();
});

function post(url: string, body: object): Promise<Response> {
  const headers = { "content-type": "application/json" };
  return fetch(`${url}/v1/chat/completions`, { method: "POST", headers, body: JSON.stringify(body) });
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port; // it listens on TCP
}

describe("draining", () => {
  it("says so, accepts a while, lets what is in flight end, and then refuses", async () => {
    const serving = await serve(gateway, { port: 0, drain: { acceptMs: 2_000, finishMs: 5_000 } });
    const [plain, streaming] = [gate(), gate()];
    upstream.enqueue(faults.waitAfter(openai.completion({ content: "in time" }), -1, plain));
    const answer = post(serving.url, ASK);
    await upstream.nextRequest();
    upstream.enqueue(openai.stream(["one", streaming, "two"]));
    const stream = await post(serving.url, { ...ASK, stream: true });

    const closed = serving.close();
    const ready = await fetch(`${serving.url}/readyz`);
    expect(ready.status).toBe(503);
    expect(ready.headers.get("connection")).toBe("close");
    expect((await fetch(`${serving.url}/livez`)).status).toBe(200);

    plain.open();
    streaming.open();
    expect(await (await answer).json()).toMatchObject({ choices: [{ message: { content: "in time" } }] });
    expect(await stream.text()).toContain("data: [DONE]");
    await closed;
    await expect(fetch(`${serving.url}/livez`)).rejects.toThrow();
  });

  it("answers on a connection that is open when it takes no new ones, as a proxy's next request may be on its way", async () => {
    // Longer than anything here takes: it is over as soon as nothing is open.
    const drain = { acceptMs: 0, lingerMs: 60_000, finishMs: 0 };
    const serving = await serve(gateway, { port: 0, host: "127.0.0.1", drain });
    const { host, port } = new URL(serving.url);
    const kept = connect(Number(port), "127.0.0.1");
    kept.setEncoding("utf8");
    let heard = "";
    kept.on("data", (text) => {
      heard += text;
    });
    const ask = () => kept.write(`GET /livez HTTP/1.1\r\nhost: ${host}\r\n\r\n`);
    ask();
    await expect.poll(() => heard, PATIENTLY).toContain('"ok"');
    expect(heard).not.toContain("connection: close");
    const closed = serving.close();
    const refused = () => fetch(`${serving.url}/livez`, { headers: { connection: "close" } }).then(() => "", String);
    await expect.poll(refused, PATIENTLY).toContain("fetch failed");
    heard = "";
    ask();
    await expect.poll(() => heard.toLowerCase(), PATIENTLY).toContain("connection: close");
    expect(heard).toContain('"ok"');
    await closed;
  });

  it("takes in everybody who has connected before it stops listening", async () => {
    const serving = await serve(gateway, { port: 0, host: "127.0.0.1", drain: { acceptMs: 0, lingerMs: 60_000 } });
    const { host, port } = new URL(serving.url);
    // The system connects them while this goes on, one after the other; the gateway has seen none of them by then.
    const answers = Array.from({ length: 100 }, async () => {
      const client = connect(Number(port), "127.0.0.1");
      client.setEncoding("utf8");
      client.write(`GET /livez HTTP/1.1\r\nhost: ${host}\r\n\r\n`);
      let heard = "";
      for await (const text of client) heard += text;
      return heard.slice(0, 15);
    });
    const [statuses] = await Promise.all([Promise.all(answers), serving.close()]);
    expect(new Set(statuses)).toEqual(new Set(["HTTP/1.1 200 OK"]));
  });

  it("ends what takes too long: a stream with an error event, a plain call with 503", async () => {
    const serving = await serve(gateway, { port: 0, drain: { acceptMs: 0, finishMs: 100 } });
    upstream.enqueue(faults.hangBeforeHeaders());
    const answer = post(serving.url, ASK);
    await upstream.nextRequest();
    upstream.enqueue(faults.hangAfter(openai.stream(["one", "two"]), 2));
    const stream = await post(serving.url, { ...ASK, stream: true });
    await serving.close();
    const text = await stream.text();
    expect(text).toContain('"one"');
    expect(text).toMatch(/data: \{"error":\{.*"code":"draining"\}\}\n\n$/);
    expect((await answer).status).toBe(503);
  });
});

describe("serve", () => {
  it("refuses a port in use with Node's own error and leaves nothing open", async () => {
    const holder = createServer();
    const port = await listen(holder);
    await expect(serve(gateway, { port, host: "127.0.0.1" })).rejects.toMatchObject({ code: "EADDRINUSE" });
    holder.close();
  });

  it("listens on both loopback addresses with one port", async () => {
    const serving = await serve(gateway, { port: 0, drain: { acceptMs: 0 } });
    const { port } = new URL(serving.url);
    expect((await fetch(`http://127.0.0.1:${port}/livez`)).status).toBe(200);
    await serving.close();
  });
});

describe("an application that has read the body itself", () => {
  it("is told so, where it kept nothing of it", async () => {
    const listener = nodeGateway(gateway);
    const server = createServer((incoming, outgoing) => {
      incoming.resume().on("end", () => setImmediate(listener, incoming, outgoing));
    });
    const response = await post(`http://127.0.0.1:${await listen(server)}`, ASK);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ details: expect.stringContaining("has read the body") });
    server.close();
    server.closeAllConnections();
  });
});

describe("an application with upgrades of its own", () => {
  it("gets those outside the prefix, and the gateway refuses those below it", async () => {
    const server = createServer(nodeGateway(gateway, { prefix: "/ai" }));
    attachUpgrade(server, gateway, { prefix: "/ai" });
    const own: string[] = [];
    server.on("upgrade", (incoming, socket) => {
      if (incoming.url?.startsWith("/ai")) return;
      own.push(incoming.url ?? "");
      socket.end("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n");
    });
    const port = await listen(server);
    const upgrade = (path: string, headers: Record<string, string> = {}) =>
      new Promise<number | undefined>((resolve, reject) => {
        const sent = request({
          port,
          host: "127.0.0.1",
          path,
          headers: { connection: "upgrade", upgrade: "websocket", ...headers },
        });
        sent.on("upgrade", (response, socket) => {
          socket.destroy();
          resolve(response.statusCode);
        });
        sent.on("response", (response) => {
          response.resume();
          resolve(response.statusCode);
        });
        sent.on("error", reject);
        sent.end();
      });
    expect(await upgrade("/mine")).toBe(101);
    expect(await upgrade("/ai/v1/models")).toBe(200); // does not upgrade: the plain answer (RFC 9110 7.8)
    expect(await upgrade("/ai/nope")).toBe(404);
    expect(await upgrade("/ai/v1/models", { origin: "https://evil.example" })).toBe(403);
    expect(own).toEqual(["/mine"]);
    server.close();
    server.closeAllConnections();
  });
});
