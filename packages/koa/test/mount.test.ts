import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { bodyParser } from "@koa/bodyparser";
import { Gateway, type GatewayOptions, isGatewayError } from "@sluice/core";
import { attachUpgrade, koaGateway } from "@sluice/koa";
import { fakeProvider, gate } from "@sluice/testkit";
import { listen, type MountedGateway } from "@sluice/testkit/contracts";
import type Application from "koa";
import { afterEach, describe, expect, it, vi } from "vitest";
import { versions } from "./versions.js";

const ASK = '{"messages": [{"role": "user", "content": "Hi"}], "x": 12345678901234567}';
const JSON_HEADERS = { "content-type": "application/json" };

describe.each(versions)("%s", (_version, Koa) => {
  let provider = fakeProvider();
  const gateways: Gateway[] = [];
  const mounts: MountedGateway[] = [];

  function gatewayOf(options: GatewayOptions = {}): Gateway {
    provider = fakeProvider({ stream: () => ["one", gate(), "two"] });
    const gateway = new Gateway({
      providers: { fake: provider },
      models: [{ id: "one", provider: "fake", apiModelName: "one", layer: "L0" }],
      ...options,
    });
    gateways.push(gateway);
    return gateway;
  }

  /** Serves, and collects what Koa would have complained about. */
  async function serve<Context>(
    application: Pick<Application<Application.DefaultState, Context>, "callback" | "on">,
  ): Promise<{ base: string; complaints: unknown[] }> {
    const complaints: unknown[] = [];
    application.on("error", (error) => complaints.push(error));
    const mounted = await listen(application.callback());
    mounts.push(mounted);
    return { base: mounted.base, complaints };
  }

  afterEach(async () => {
    for (const mounted of mounts.splice(0)) await mounted.close();
    for (const gateway of gateways.splice(0)) await gateway.close();
  });

  function ask(url: string, body = ASK, init: RequestInit = {}): Promise<Response> {
    return fetch(url, { method: "POST", headers: JSON_HEADERS, body, ...init });
  }

  it("leaves the application's own routes alone when mounted at the root, whoever calls them", async () => {
    const application = new Koa().use(koaGateway(gatewayOf())).use((context, next) => {
      if (context.path !== "/mine") return next();
      context.body = "my own";
    });
    const { base } = await serve(application);
    const foreign = { headers: { "sec-fetch-site": "cross-site" } };
    expect(await (await fetch(`${base}/mine`, foreign)).text()).toBe("my own");
    expect((await fetch(`${base}/v1/models`, foreign)).status).toBe(403);
    const missing = await fetch(`${base}/nowhere`);
    expect([missing.status, await missing.text()]).toEqual([404, "Not Found"]);
    expect((await ask(`${base}/v1/chat/completions`)).status).toBe(200);
  });

  it("owns everything at a prefix, and a slash is missing from one that is none", async () => {
    const { base } = await serve(new Koa().use(koaGateway(gatewayOf(), { prefix: "/ai/" })));
    const missing = await fetch(`${base}/ai/nowhere`);
    expect([missing.status, await missing.json()]).toEqual([404, { error: "Not found", details: expect.anything() }]);
    expect((await fetch(`${base}/ai`)).status).toBe(200);
    expect((await fetch(`${base}/air/v1/models`)).status).toBe(404);
    expect(() => koaGateway(gatewayOf(), { prefix: "ai" })).toThrow(TypeError);
  });

  it("works behind a body parser, which keeps the raw body", async () => {
    const { base } = await serve(new Koa().use(bodyParser()).use(koaGateway(gatewayOf())));
    const answer = await ask(`${base}/v1/chat/completions`);
    expect(await answer.json()).toMatchObject({ choices: [{ message: { content: "Hello" } }] });
    expect(provider.calls.at(-1)?.body).toContain('"x": 12345678901234567');
    const wrong = await ask(`${base}/v1/chat/completions`, "{}");
    expect([wrong.status, await wrong.json()]).toEqual([400, expect.objectContaining({ error: "Invalid request" })]);
  });

  it("says nothing when a caller leaves in the middle of a stream", async () => {
    const { base, complaints } = await serve(new Koa().use(koaGateway(gatewayOf())));
    const leaving = new AbortController();
    const stream = ASK.replace("{", '{"stream": true, ');
    const answer = await ask(`${base}/v1/chat/completions`, stream, { signal: leaving.signal });
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
    expect(Buffer.from((await reader.read()).value ?? []).toString()).toContain("one");
    leaving.abort();
    await provider.idle();
    await vi.waitFor(() => expect(mounts).toHaveLength(1));
    expect(complaints).toEqual([]);
  });

  it("resolves when the answer has gone out, so that middleware before it can tell the time", async () => {
    const seen: unknown[] = [];
    const application = new Koa().use(async (context, next) => {
      await next();
      seen.push([context.status, context.res.writableFinished]);
    });
    const { base } = await serve(application.use(koaGateway(gatewayOf())));
    await (await fetch(`${base}/v1/models`)).text();
    await vi.waitFor(() => expect(seen).toEqual([[200, true]]));
  });

  it("takes the application's own authentication", async () => {
    const application = new Koa().use((context, next) => {
      context.state.user = context.get("x-user");
      return next();
    });
    const gateway = gatewayOf({ mode: "production" });
    application.use(
      koaGateway(gateway, {
        identify: (context: Application.Context) =>
          context.state.user ? { id: context.state.user, role: "client" as const } : null,
      }),
    );
    const { base } = await serve(application);
    expect((await fetch(`${base}/v1/models`)).status).toBe(401);
    expect((await fetch(`${base}/v1/models`, { headers: { "x-user": "alice" } })).status).toBe(200);
  });

  it("believes a proxy only where the application does", async () => {
    const seen: unknown[] = [];
    const options: GatewayOptions = {
      publicHosts: ["ai.example"],
      identify: (_request, peer) => {
        seen.push([peer?.address, peer?.encrypted]);
        return { id: "x", role: "client" };
      },
    };
    const forwarded = {
      headers: {
        "x-forwarded-for": "203.0.113.7",
        "x-forwarded-proto": "https",
        "x-forwarded-host": "ai.example",
        origin: "https://ai.example",
      },
    };
    const plain = await serve(new Koa().use(koaGateway(gatewayOf(options))));
    expect((await fetch(`${plain.base}/v1/models`, forwarded)).status).toBe(403); // this origin is not our host's
    const behind = await serve(new Koa({ proxy: true }).use(koaGateway(gatewayOf(options))));
    expect((await fetch(`${behind.base}/v1/models`, forwarded)).status).toBe(200);
    expect(seen).toEqual([["203.0.113.7", true]]);
  });

  it("throws errors to the middleware before it where the application wants them", async () => {
    const application = new Koa().use(async (context, next) => {
      try {
        await next();
      } catch (error) {
        if (!isGatewayError(error)) throw error;
        context.status = error.status;
        context.body = { mine: error.code, param: error.param };
      }
    });
    const { base } = await serve(application.use(koaGateway(gatewayOf(), { errors: "throw" })));
    const wrong = await ask(`${base}/v1/chat/completions`, "{}");
    expect([wrong.status, await wrong.json()]).toEqual([400, { mine: "invalid_request", param: "messages" }]);
    expect((await ask(`${base}/v1/chat/completions`)).status).toBe(200);
  });

  it("and Koa's own error handler answers with the right status, headers and words", async () => {
    const { base, complaints } = await serve(new Koa().use(koaGateway(gatewayOf(), { errors: "throw" })));
    const wrong = await fetch(`${base}/v1/models`, { method: "PATCH" });
    expect([wrong.status, wrong.headers.get("allow")]).toEqual([405, "GET, POST, HEAD"]);
    expect(await wrong.text()).toContain("allowed here");
    expect(complaints).toHaveLength(1);
  });

  it("keeps the headers that the application has set, repeated ones too", async () => {
    const application = new Koa().use((context, next) => {
      context.set("set-cookie", ["a=1", "b=2"]);
      context.set("x-mine", "yes");
      return next();
    });
    const { base } = await serve(application.use(koaGateway(gatewayOf())));
    const answer = await ask(`${base}/v1/chat/completions`);
    expect(answer.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    expect(answer.headers.get("x-mine")).toBe("yes");
  });

  it("answers upgrades", async () => {
    const gateway = gatewayOf();
    const server = createServer(new Koa().use(koaGateway(gateway, { prefix: "/ai" })).callback());
    attachUpgrade(server, gateway, { prefix: "/ai" });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo; // it listens on TCP
    const headers = { connection: "upgrade", upgrade: "websocket" };
    const status = await new Promise((resolve, reject) => {
      const sent = request({ port, host: "127.0.0.1", path: "/ai/nope", headers });
      sent.on("response", (response) => resolve(response.resume().statusCode));
      sent.on("error", reject).end();
    });
    expect(status).toBe(404);
    server.close();
  });
});
