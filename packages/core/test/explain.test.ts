import { Gateway, type GatewayOptions, LAYERS, type RouteDecision } from "@sluice/core";
import { fakeProvider, openai } from "@sluice/testkit";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";

const open: Gateway[] = [];

afterEach(() => Promise.all(open.splice(0).map((gateway) => gateway.close())));

function made(options: GatewayOptions): Gateway {
  const gateway = new Gateway(options);
  open.push(gateway);
  return gateway;
}

const QUESTION = { messages: [{ role: "user" as const, content: "What is 17 * 3?" }] };

function layered(options: GatewayOptions = {}) {
  const vendor = fakeProvider({ name: "vendor" });
  const gateway = made({
    providers: { vendor },
    models: [
      { id: "l0", provider: "vendor", apiModelName: "l0", layer: "L0", capabilities: ["tools"], contextWindow: 1_000 },
      { id: "l1", provider: "vendor", apiModelName: "l1", layer: "L1", price: { inputPerMTok: 1, outputPerMTok: 2 } },
      { id: "off", provider: "vendor", apiModelName: "off", layer: "L1", enabled: false },
      { id: "l3", provider: "vendor", apiModelName: "l3", layer: "L3" },
    ],
    ...options,
    routing: { maxEscalationLayer: "L3", ...options.routing },
  });
  return { gateway, vendor };
}

function post(gateway: Gateway, path: string, body: object): Promise<Response> {
  return gateway.fetch(
    new Request(`http://localhost${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    }),
  );
}

describe("an explanation", () => {
  it("names every model once, with the reason, and calls nobody", async () => {
    const { gateway, vendor } = layered();
    const response = await post(gateway, "/v1/route/explain", QUESTION);
    expect(response.status).toBe(200);
    const decision = (await response.json()) as RouteDecision;
    expect(decision.targets.map(({ model, reason, price }) => [model, reason, price?.outputPerMTok ?? null])).toEqual([
      ["l0", "auto:L0", null],
      ["l1", "auto:L1", 2],
      ["l3", "auto:L3", null],
    ]);
    expect(decision.excluded.find(({ model }) => model === "off")).toMatchObject({ reason: "disabled" });
    const ids = [...decision.targets, ...decision.excluded].map(({ model }) => model);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBe((await gateway.models.list()).length);
    expect(vendor.calls).toEqual([]);
  });

  it("is what a chat answers that asks for it", async () => {
    const { gateway, vendor } = layered();
    const chat = await post(gateway, "/v1/chat/completions", { ...QUESTION, sluice: { explain: true } });
    expect(await chat.json()).toEqual(await gateway.explain({ ...QUESTION, sluice: { explain: true } }));
    expect(vendor.calls).toEqual([]);
  });

  it("is in the event of each request", async () => {
    const { gateway } = layered();
    const decisions: RouteDecision[] = [];
    gateway.on("request", ({ explain }) => decisions.push(explain()));
    await gateway.chat(QUESTION);
    expect(decisions).toEqual([await gateway.explain({ ...QUESTION, stream: false })]);
  });

  it("shows the price that counts, also where it is the list's", async () => {
    const gateway = made({
      providers: { openai: { apiKey: "k" } },
      prices: [{ provider: "openai", model: "listed", inputPerMTok: 3, outputPerMTok: 7, asOf: "2026-01-01" }],
      models: [
        { id: "listed", provider: "openai", apiModelName: "listed", layer: "L0" },
        { id: "none", provider: "openai", apiModelName: "nobody-knows", layer: "L0" },
      ],
    });
    const { targets } = await gateway.explain({ ...QUESTION, model: "listed", sluice: { fallbacks: ["none"] } });
    expect(targets.map(({ price }) => price)).toEqual([
      { inputPerMTok: 3, outputPerMTok: 7, asOf: "2026-01-01" },
      null,
    ]);
  });

  it("tells who would answer, check and escalate", async () => {
    const { gateway } = layered({ routing: { mode: "balanced", enableAutoEscalate: true } });
    expect((await gateway.explain(QUESTION)).cascade).toEqual({
      mode: "balanced",
      manner: "judged",
      skipped: null,
      answer: ["l1", "l3", "l0"],
      verifier: { models: ["l0"], reworded: false },
      escalation: ["l3"],
    });
    expect(await gateway.explain({ ...QUESTION, stream: true })).toMatchObject({
      cascade: { manner: "pre-route", skipped: "stream", answer: ["l1", "l3", "l0"] },
      preRoute: { by: "rule", threshold: 0.6 },
    });
  });

  it("fails as the chat would", async () => {
    const { gateway } = layered();
    const response = await post(gateway, "/v1/route/explain", { ...QUESTION, model: "unheard-of" });
    expect(response.status).toBe(404);
  });

  it("has the same first target as the call that follows it", async () => {
    const models = fc.array(
      fc.record({
        layer: fc.constantFrom(...LAYERS),
        enabled: fc.boolean(),
        priority: fc.integer({ min: 0, max: 3 }),
        capabilities: fc.option(fc.subarray(["tools", "vision"]), { nil: undefined }),
      }),
      { minLength: 1, maxLength: 8 },
    );
    const mode = fc.constantFrom("off" as const, "economy" as const, "quality" as const, "free-first" as const);
    const wants = fc.record({ tools: fc.boolean(), stream: fc.boolean(), hard: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(models, mode, wants, async (list, routingMode, { tools, stream, hard }) => {
        const vendor = fakeProvider({ name: "vendor" });
        const gateway = made({
          providers: { vendor },
          models: list.map((model, at) => ({ id: `m${at}`, provider: "vendor", apiModelName: `m${at}`, ...model })),
          routing: { mode: routingMode, enableAutoEscalate: true, maxEscalationLayer: "L3" },
        });
        const request = {
          messages: [
            { role: "user" as const, content: hard ? "Prove that x = y; then analyze it. ".repeat(250) : "Hi" },
          ],
          ...(tools && { tools: [{ type: "function", function: { name: "f" } }] }),
          stream,
        };
        const decision = await gateway.explain(request).catch(({ code }) => String(code));
        const response = await post(gateway, "/v1/chat/completions", request);
        await response.text();
        if (typeof decision === "string") {
          expect(response.status).toBe(503);
          return;
        }
        const first = decision.cascade?.answer[0] ?? decision.targets[0]?.model;
        expect(vendor.calls.map(({ model }) => model)).toContain(first);
        if (!decision.cascade?.verifier) expect(vendor.calls[0]?.model).toBe(first);
      }),
      { numRuns: 60 },
    );
  });
});

describe("what auto rules out beforehand", () => {
  it.each([
    ["tools", { tools: [{ type: "function", function: { name: "f" } }] }, "l0"],
    ["images", { messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: "data:," } }] }] }, "l1"],
    ["long answers", { ...QUESTION, max_tokens: 2_000 }, "l1"],
    ["long prompts", { messages: [{ role: "user", content: "word ".repeat(2_000) }] }, "l1"],
  ])("models that cannot do %s", async (_name, request, expected) => {
    const { gateway } = layered();
    const response = await post(gateway, "/v1/chat/completions", { ...QUESTION, ...request });
    expect(response.headers.get("x-sluice-model")).toBe(expected);
  });

  it("says what no model can do", async () => {
    const { gateway } = layered({ routing: { maxEscalationLayer: "L0" } });
    const image = { messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: "data:," } }] }] };
    const response = await post(gateway, "/v1/chat/completions", image);
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ details: expect.stringContaining("l0 has no vision") });
  });

  it("leaves a model that is named to its provider", async () => {
    const { gateway } = layered();
    const response = await post(gateway, "/v1/chat/completions", { ...QUESTION, model: "l0", max_tokens: 2_000 });
    expect(response.headers.get("x-sluice-model")).toBe("l0");
  });
});

describe("a warm conversation", () => {
  it("stays with the model whose provider has it in its cache", async () => {
    let failing = true;
    const usage = { prompt_tokens: 2_000, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 1_024 } };
    const first = fakeProvider({ name: "first", fail: () => (failing ? new Error("connect ECONNREFUSED") : null) });
    const second = fakeProvider({ name: "second", chat: () => openai.completion({ content: "Hi", usage }) });
    const gateway = made({
      providers: { first, second },
      models: [
        { id: "one", provider: "first", apiModelName: "one", layer: "L0" },
        { id: "two", provider: "second", apiModelName: "two", layer: "L0", priority: 1 },
      ],
      routing: { attempts: 2 },
    });
    await post(gateway, "/v1/chat/completions", QUESTION);
    failing = false;
    const later = [
      ...QUESTION.messages,
      { role: "assistant" as const, content: "Hi" },
      { role: "user" as const, content: "And?" },
    ];
    const response = await post(gateway, "/v1/chat/completions", { messages: later });
    expect(response.headers.get("x-sluice-route-reason")).toBe("warm:L0");
    const other = await post(gateway, "/v1/chat/completions", {
      messages: [{ role: "user", content: "Something else" }],
    });
    expect(other.headers.get("x-sluice-model")).toBe("one");
  });
});
