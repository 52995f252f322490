import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { Gateway, type GatewayOptions, isGatewayError } from "@sluice/core";
import { attachUpgrade, expressGateway } from "@sluice/express";
import { fakeProvider } from "@sluice/testkit";
import { listen, type MountedGateway } from "@sluice/testkit/contracts";
import type { ErrorRequestHandler, Express, Request } from "express";
import { afterEach, describe, expect, it } from "vitest";
import { versions } from "./versions.js";

const ASK = '{"messages": [{"role": "user", "content": "Hi"}], "x": 12345678901234567}';
const JSON_HEADERS = { "content-type": "application/json" };

describe.each(versions)("%s", (_version, express) => {
  let provider = fakeProvider();
  const gateways: Gateway[] = [];
  const mounts: MountedGateway[] = [];

  function gatewayOf(options: GatewayOptions = {}): Gateway {
    provider = fakeProvider();
    const gateway = new Gateway({
      providers: { fake: provider },
      models: [{ id: "one", provider: "fake", apiModelName: "one", layer: "L0" }],
      ...options,
    });
    gateways.push(gateway);
    return gateway;
  }

  async function serve(application: Express): Promise<string> {
    const mounted = await listen(application);
    mounts.push(mounted);
    return mounted.base;
  }

  afterEach(async () => {
    for (const mounted of mounts.splice(0)) await mounted.close();
    for (const gateway of gateways.splice(0)) await gateway.close();
  });

  function ask(url: string, body = ASK): Promise<Response> {
    return fetch(url, { method: "POST", headers: JSON_HEADERS, body });
  }

  it("leaves the application's own routes alone when mounted at the root, whoever calls them", async () => {
    const application = express().use(expressGateway(gatewayOf()));
    application.get("/mine", (_request, response) => void response.send("my own"));
    const base = await serve(application);
    const foreign = { headers: { "sec-fetch-site": "cross-site" } };
    expect(await (await fetch(`${base}/mine`, foreign)).text()).toBe("my own");
    expect((await fetch(`${base}/v1/models`, foreign)).status).toBe(403);
    const missing = await fetch(`${base}/nowhere`);
    expect([missing.status, await missing.text()]).toEqual([404, expect.stringContaining("Cannot GET /nowhere")]);
    expect((await ask(`${base}/v1/chat/completions`)).status).toBe(200);
  });

  it("owns everything at a prefix", async () => {
    const base = await serve(express().use("/ai", expressGateway(gatewayOf())));
    const missing = await fetch(`${base}/ai/nowhere`);
    expect([missing.status, await missing.json()]).toEqual([404, { error: "Not found", details: expect.anything() }]);
    expect((await fetch(`${base}/ai`)).status).toBe(200);
    expect((await fetch(`${base}/v1/models`)).status).toBe(404);
  });

  it.each([
    ["express.json()", () => express.json(), 12345678901234568],
    ["express.json() that keeps the raw body", keepsRawBody, "12345678901234567"],
    ["express.raw()", () => express.raw({ type: "application/json" }), "12345678901234567"],
    ["express.text()", () => express.text({ type: "application/json" }), "12345678901234567"],
  ])("works behind %s", async (_name, parser, x) => {
    const base = await serve(express().use(parser()).use(expressGateway(gatewayOf())));
    const answer = await ask(`${base}/v1/chat/completions`);
    expect(await answer.json()).toMatchObject({ choices: [{ message: { content: "Hello" } }] });
    expect(provider.calls.at(-1)?.body).toContain(`"x":${typeof x === "number" ? "" : " "}${x}`);
    const wrong = await ask(`${base}/v1/chat/completions`, "{}");
    expect([wrong.status, await wrong.json()]).toEqual([400, expect.objectContaining({ error: "Invalid request" })]);
  });

  function keepsRawBody() {
    return express.json({ verify: (incoming, _response, bytes) => void Object.assign(incoming, { rawBody: bytes }) });
  }

  it("takes the application's own authentication", async () => {
    const application = express();
    application.use((incoming, _response, next) => {
      Object.assign(incoming, { user: incoming.get("x-user") });
      next();
    });
    const identify = (incoming: Request & { readonly user?: string }) =>
      incoming.user ? { id: incoming.user, role: "client" as const } : null;
    application.use("/ai", expressGateway(gatewayOf({ mode: "production" }), { identify }));
    const base = await serve(application);
    expect((await fetch(`${base}/ai/v1/models`)).status).toBe(401);
    expect((await fetch(`${base}/ai/v1/models`, { headers: { "x-user": "alice" } })).status).toBe(200);
    const forbidden = await fetch(`${base}/ai/v1/models/x`, { method: "DELETE", headers: { "x-user": "alice" } });
    expect(forbidden.status).toBe(403);
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
    const plain = await serve(express().use(expressGateway(gatewayOf(options))));
    expect((await fetch(`${plain}/v1/models`, forwarded)).status).toBe(403); // this origin is not our host's
    const behind = express()
      .set("trust proxy", "loopback")
      .use(expressGateway(gatewayOf(options)));
    expect((await fetch(`${await serve(behind)}/v1/models`, forwarded)).status).toBe(200);
    expect((await fetch(`${plain}/v1/models`)).status).toBe(200);
    expect(seen).toEqual([
      ["203.0.113.7", true],
      ["127.0.0.1", false],
    ]);
  });

  it("hands errors to the application's error handler where it wants them", async () => {
    const handler: ErrorRequestHandler = (error: unknown, _request, response, _next) => {
      if (!isGatewayError(error)) throw error;
      response.status(error.status).json({ mine: error.code, param: error.param });
    };
    const application = express().use("/ai", expressGateway(gatewayOf(), { errors: "next" }));
    const base = await serve(application.use(handler));
    const wrong = await ask(`${base}/ai/v1/chat/completions`, "{}");
    expect([wrong.status, await wrong.json()]).toEqual([400, { mine: "invalid_request", param: "messages" }]);
    expect((await ask(`${base}/ai/v1/chat/completions`)).status).toBe(200);
    expect((await fetch(`${base}/ai/nowhere`)).status).toBe(404);
  });

  it("and Express's own error handler answers with the right status", async () => {
    const application = express().set("env", "test");
    const base = await serve(application.use("/ai", expressGateway(gatewayOf(), { errors: "next" })));
    expect((await ask(`${base}/ai/v1/chat/completions`, "{}")).status).toBe(400);
  });

  it("keeps the headers that the application has set, repeated ones too", async () => {
    const application = express();
    application.use((_incoming, response, next) => {
      response.setHeader("set-cookie", ["a=1", "b=2"]);
      response.setHeader("x-mine", "yes");
      next();
    });
    const base = await serve(application.use(expressGateway(gatewayOf())));
    for (const body of [ASK, ASK.replace("{", '{"stream": true, ')]) {
      const answer = await ask(`${base}/v1/chat/completions`, body);
      expect(answer.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
      expect(answer.headers.get("x-mine")).toBe("yes");
      await answer.text();
    }
  });

  it("answers upgrades", async () => {
    const gateway = gatewayOf();
    const server = createServer(express().use("/ai", expressGateway(gateway)));
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
