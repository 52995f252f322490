import { type ChatInput, Gateway, type GatewayOptions, type Provider, type Receiver } from "@sluice/core";
import { error, fakeProvider } from "@sluice/testkit";
import { afterEach, describe, expect, it } from "vitest";

const HI = { messages: [{ role: "user" as const, content: "Hi" }] };

const open: Gateway[] = [];

afterEach(() => Promise.all(open.splice(0).map((gateway) => gateway.close())));

function gateway() {
  const vendor = fakeProvider({ name: "vendor" });
  const models = [{ id: "one", provider: "vendor", apiModelName: "one", layer: "L0" as const }];
  const made = new Gateway({ providers: { vendor }, models });
  open.push(made);
  return { made, vendor };
}

describe("new Gateway", () => {
  it.each<[unknown, string]>([
    [null, "expected an object"],
    [7, "expected an object"],
    [{ models: [{ id: "a" }] }, "models.0.provider: is required (a string)"],
    [{ limits: { perIp: { limit: -1 } } }, "limits.perIp.limit: must be greater than 0"],
    [{ loglevel: "info" }, "loglevel is not an option"],
  ])("refuses %j and says why", (options, why) => {
    expect(() => new Gateway(options as GatewayOptions)).toThrow(new TypeError(`Gateway options: ${why}`));
  });
});

describe("chat", () => {
  it("refuses what JSON cannot say", async () => {
    const refused = { code: "invalid_request", details: expect.stringContaining("BigInt") };
    await expect(gateway().made.chat({ ...HI, seed: 5, top: 5n } as ChatInput)).rejects.toMatchObject(refused);
  });

  it("says that the gateway is closed", async () => {
    const { made } = gateway();
    await made.chat(HI);
    await made.close();
    await expect(made.chat(HI)).rejects.toMatchObject({ code: "draining" });
    await expect(made.stream(HI).next()).rejects.toMatchObject({ code: "draining" });
  });
});

describe("embeddings", () => {
  it.each([{}, { data: null }, { data: [7] }, { object: "list", data: [] }])(
    "are none where the answer is %j",
    async (answer) => {
      const own: Provider = {
        name: "own",
        dialect: "openai",
        operations: ["embeddings"],
        send(_call, receiver) {
          receiver.onStart({ abort() {}, pause() {}, resume() {} });
          receiver.onHeaders(200, { "content-type": "application/json" });
          receiver.onData(Buffer.from(JSON.stringify(answer)));
          receiver.onEnd();
        },
        close: async () => {},
      };
      const models = [
        { id: "e", provider: "own", apiModelName: "e", layer: "L0" as const, operations: ["embeddings" as const] },
      ];
      const made = new Gateway({ providers: { own }, models, routing: { attempts: 1 } });
      open.push(made);
      await expect(made.embeddings({ input: "Hi" })).rejects.toMatchObject({ code: "upstream_failed" });
    },
  );
});

describe("an application's own provider", () => {
  const sent: readonly [string, (receiver: Receiver) => void][] = [
    ["throws", () => thrown()],
    ["rejects", async () => thrown()],
    ["cannot be stopped", (receiver) => receiver.onStart({ abort: thrown, pause: thrown, resume: thrown })],
  ];

  it.each(sent)("that %s fails the call and nothing else", async (_how, send) => {
    const own: Provider = {
      name: "own",
      dialect: "openai",
      send: (_call, receiver) => send(receiver),
      close: async () => {},
    };
    const made = new Gateway({
      providers: { own },
      models: [{ id: "one", provider: "own", apiModelName: "one", layer: "L0" }],
      routing: { attempts: 1, timeouts: { headersMs: 50 } },
    });
    open.push(made);
    await expect(made.chat(HI)).rejects.toMatchObject({ code: expect.stringMatching(/^(?:upstream_failed|timeout)$/) });
  });

  function thrown(): never {
    throw new Error("of the application's own making");
  }
});

it("a logger that throws is the application's affair, and fails no call", async () => {
  const log = () => {
    throw new Error("the disk is full");
  };
  const failing = fakeProvider({ name: "failing", chat: () => error(500, { error: { message: "down" } }) });
  const made = new Gateway({
    providers: { failing },
    models: [{ id: "one", provider: "failing", apiModelName: "one", layer: "L0" }],
    routing: { attempts: 1 },
    logger: { debug: log, info: log, warn: log, error: log },
  });
  open.push(made);
  const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(HI) };
  expect((await made.fetch(new Request("http://localhost/v1/chat/completions", init))).status).toBe(502);
});

describe("fetch", () => {
  const asked = (body: string | ReadableStream) =>
    new Request("http://localhost/v1/chat/completions", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
      duplex: "half",
    });

  it("does not take a body that breaks off for a fault of its own", async () => {
    const broken = new ReadableStream({ pull: (controller) => controller.error(new Error("gone")) });
    expect((await gateway().made.fetch(asked(broken))).status).toBe(499);
  });

  it("says so where somebody else has read the body", async () => {
    const request = asked(JSON.stringify(HI));
    await request.text();
    const response = await gateway().made.fetch(request);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ details: expect.stringContaining("has read the body") });
  });

  it("passes a seed of 64 bits on as it is", async () => {
    const { made, vendor } = gateway();
    const text = '{"messages":[{"role":"user","content":"Hi"}],"seed":9223372036854775807}';
    expect((await made.fetch(asked(text))).status).toBe(200);
    expect(String(vendor.calls[0]?.body)).toContain('"seed":9223372036854775807');
  });
});
