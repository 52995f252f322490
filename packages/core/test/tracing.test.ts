import { context, propagation, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import {
  AlwaysOffSampler,
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-node";
import { Gateway, type GatewayOptions, type Identity, type RouteDecision } from "@sluice/core";
import { fakeProvider, gate, openai, scriptedUpstream } from "@sluice/testkit";
import { afterEach, describe, expect, it, onTestFinished } from "vitest";

const QUESTION = { messages: [{ role: "user" as const, content: "What is 17 * 3?" }], max_tokens: 100, temperature: 0 };
const PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const USAGE = {
  prompt_tokens: 1_000,
  completion_tokens: 50,
  total_tokens: 1_050,
  prompt_tokens_details: { cached_tokens: 600 },
};

const KEY: Identity = { id: "key-1", kind: "key", role: "client", userId: "ann" };

/** A busy machine is slow. */
const PATIENT = { timeout: 10_000 };

const open: Gateway[] = [];
afterEach(() => Promise.all(open.splice(0).map((gateway) => gateway.close())));

/** An SDK that keeps its spans in memory, registered for the process until the test ends. */
function registered(options: ConstructorParameters<typeof NodeTracerProvider>[0] = {}) {
  const exporter = new InMemorySpanExporter();
  const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)], ...options });
  provider.register();
  onTestFinished(async () => {
    for (const each of [trace, context, propagation]) each.disable();
    await provider.shutdown();
  });
  return exporter;
}

function made(options: GatewayOptions = {}): Gateway {
  const gateway = new Gateway(options);
  open.push(gateway);
  return gateway;
}

function layered(answers: { free?: string; cheap?: string; strong?: string } = {}, options: GatewayOptions = {}) {
  const answering = (name: string, content = "51") =>
    fakeProvider({ name, chat: () => openai.completion({ content, usage: USAGE }) });
  const free = answering("free", answers.free);
  const cheap = answering("cheap", answers.cheap);
  const strong = answering("strong", answers.strong);
  const price = { inputPerMTok: 1, outputPerMTok: 2 };
  const gateway = made({
    providers: { free, cheap, strong },
    models: [
      { id: "l0", provider: "free", apiModelName: "vendor/l0", layer: "L0", price },
      { id: "l1", provider: "cheap", apiModelName: "vendor/l1", layer: "L1", price },
      { id: "l3", provider: "strong", apiModelName: "vendor/l3", layer: "L3", price },
    ],
    ...options,
    routing: { mode: "balanced", enableAutoEscalate: true, maxEscalationLayer: "L3", ...options.routing },
  });
  return { gateway, free, cheap, strong };
}

async function post(gateway: Gateway, body: object = {}, headers: Record<string, string> = {}): Promise<Response> {
  const response = await gateway.fetch(
    new Request("http://localhost/v1/chat/completions", {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify({ model: "auto", ...QUESTION, ...body }),
    }),
  );
  await response.clone().text();
  return response;
}

/** The spans of one request: its own, and those below it in the order they began. */
function spansOf(exporter: InMemorySpanExporter): { request: ReadableSpan; attempts: readonly ReadableSpan[] } {
  const spans = exporter.getFinishedSpans();
  const request = spans.find(({ kind }) => kind !== SpanKind.CLIENT);
  if (!request) throw new Error("the request has no span");
  const attempts = spans
    .filter(({ kind }) => kind === SpanKind.CLIENT)
    .sort((one, other) => Number(one.attributes["sluice.attempt"]) - Number(other.attributes["sluice.attempt"]));
  for (const attempt of attempts) {
    expect(attempt.parentSpanContext?.spanId).toBe(request.spanContext().spanId);
    expect(attempt.spanContext().traceId).toBe(request.spanContext().traceId);
  }
  return { request, attempts };
}

function eventsOf({ events }: ReadableSpan, name: string) {
  return events.filter((event) => event.name === name).map(({ attributes }) => attributes ?? {});
}

describe("with an SDK registered, a request", () => {
  it("has a span, and each of its upstream calls one below it, by the names of the conventions", async () => {
    const exporter = registered();
    const { gateway } = layered({ free: "50", cheap: "52", strong: "51" });
    const response = await post(gateway);
    const { request, attempts } = spansOf(exporter);
    expect(request).toMatchObject({ name: "chat auto", kind: SpanKind.SERVER, status: { code: SpanStatusCode.UNSET } });
    expect(request.attributes).toEqual({
      "gen_ai.operation.name": "chat",
      "gen_ai.request.model": "auto",
      "gen_ai.provider.name": "strong",
      "sluice.request.id": response.headers.get("x-sluice-request-id"),
      "sluice.stream": false,
      "sluice.model": "l3",
      "sluice.layer": "L3",
      "sluice.reason": "escalated:L3",
      "sluice.attempts": 2,
      "sluice.cascade": "judged",
      "sluice.escalated": true,
      "sluice.request.cost.usd": Number(response.headers.get("x-sluice-cost-usd")),
    });
    expect(attempts.map(({ name, attributes }) => [name, attributes["sluice.role"]])).toEqual([
      ["chat vendor/l1", "answer"],
      ["chat vendor/l0", "verifier"],
      ["chat vendor/l3", "answer"],
    ]);
    expect(attempts[2]?.attributes).toEqual({
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": "strong",
      "gen_ai.request.model": "vendor/l3",
      "gen_ai.request.max_tokens": 100,
      "gen_ai.request.temperature": 0,
      "gen_ai.usage.input_tokens": 1_000,
      "gen_ai.usage.cache_read.input_tokens": 600,
      "gen_ai.usage.output_tokens": 50,
      "sluice.model": "l3",
      "sluice.layer": "L3",
      "sluice.attempt": 3,
      "sluice.reason": "escalated:L3",
      "sluice.role": "answer",
      "sluice.status": "finished",
      "sluice.usage.source": "reported",
      "sluice.cost.usd": 0.0011,
    });
  });

  it("carries the whole decision, and what the judges said", async () => {
    const exporter = registered();
    const { gateway } = layered({ free: "50", cheap: "52" });
    const decisions: RouteDecision[] = [];
    gateway.on("request", ({ explain }) => decisions.push(explain()));
    await post(gateway);
    const { request } = spansOf(exporter);
    const [route] = eventsOf(request, "sluice.route");
    expect(JSON.parse(String(route?.["sluice.route.decision"]))).toEqual(decisions[0]);
    expect(decisions[0]?.cascade).toMatchObject({ mode: "balanced", answer: ["l1", "l3", "l0"], escalation: ["l3"] });
    expect(eventsOf(request, "sluice.verdict")).toEqual([
      { "sluice.judge": "sanity", "sluice.outcome": "unknown", "sluice.reason": "looks sane" },
      { "sluice.judge": "agreement", "sluice.outcome": "reject", "sluice.reason": "disagree", "sluice.score": 0 },
    ]);
  });

  it("goes on with its caller's trace, and real upstreams go on with it; baggage stays inside", async () => {
    const exporter = registered();
    const upstream = await scriptedUpstream();
    onTestFinished(() => upstream.close());
    upstream.always(openai.completion({ content: "51" }));
    const gateway = made({
      providers: { vendor: { type: "openai-compatible", apiKey: "k", baseUrl: `${upstream.url}/v1` } },
      models: [{ id: "m", provider: "vendor", apiModelName: "m", layer: "L0" }],
    });
    await post(gateway, {}, { traceparent: PARENT, baggage: "customer=ann" });
    const { request, attempts } = spansOf(exporter);
    expect(request.spanContext().traceId).toBe("0af7651916cd43dd8448eb211c80319c");
    expect(request.parentSpanContext).toMatchObject({ spanId: "b7ad6b7169203331", isRemote: true });
    const { headers } = await upstream.nextRequest();
    const { traceId, spanId } = (attempts[0] as ReadableSpan).spanContext();
    expect(headers.traceparent).toBe(`00-${traceId}-${spanId}-01`);
    expect(headers.baggage).toBeUndefined();
    expect(headers.authorization).toBe("Bearer k");
  });

  it("tells which upstream call failed, and with what", async () => {
    const exporter = registered();
    const failing = fakeProvider({ name: "failing", fail: () => new Error("connect ECONNREFUSED") });
    const working = fakeProvider({ name: "working" });
    const gateway = made({
      providers: { failing, working },
      models: [
        { id: "a", provider: "failing", apiModelName: "a", layer: "L0" },
        { id: "b", provider: "working", apiModelName: "b", layer: "L0", priority: 1 },
      ],
    });
    await post(gateway);
    const { request, attempts } = spansOf(exporter);
    expect(attempts.map(({ status, attributes }) => [status.code, attributes["error.type"]])).toEqual([
      [SpanStatusCode.ERROR, "upstream_failed"],
      [SpanStatusCode.UNSET, undefined],
    ]);
    expect(request.status.code).toBe(SpanStatusCode.UNSET);
  });

  it.each([
    [{ model: "unheard-of" }, "model_not_found", SpanStatusCode.UNSET],
    [{ model: "broken" }, "upstream_failed", SpanStatusCode.ERROR],
  ])("%j ends with the error, which is the server's own from 500 up", async (body, code, status) => {
    const exporter = registered();
    const broken = fakeProvider({ name: "broken", fail: () => new Error("connect ECONNREFUSED") });
    const gateway = made({
      providers: { broken },
      models: [{ id: "broken", provider: "broken", apiModelName: "b", layer: "L0" }],
      routing: { attempts: 1 },
    });
    await post(gateway, body);
    const { request } = spansOf(exporter);
    expect(request.attributes["error.type"]).toBe(code);
    expect(request.status.code).toBe(status);
  });

  it("measures a stream to its first output, and ends where the caller leaves", async () => {
    const exporter = registered();
    const held = gate();
    const gateway = made({
      providers: { vendor: fakeProvider({ name: "vendor", stream: () => ["Hel", held, "lo"] }) },
      models: [{ id: "m", provider: "vendor", apiModelName: "m", layer: "L0" }],
    });
    for await (const { choices } of gateway.stream(QUESTION)) if (choices[0]?.delta.content) break;
    await expect.poll(() => exporter.getFinishedSpans().length, PATIENT).toBe(2);
    const { request, attempts } = spansOf(exporter);
    expect(request.attributes).toMatchObject({ "error.type": "client_closed_request", "sluice.stream": true });
    expect(attempts[0]?.attributes).toMatchObject({
      "sluice.status": "aborted",
      "sluice.usage.source": "partial-estimated",
      "gen_ai.response.time_to_first_chunk": expect.any(Number),
    });
    expect(attempts[0]?.attributes).not.toHaveProperty("gen_ai.usage.output_tokens");
  });

  it("made in the process hangs below what the application does, and its own providers' spans below the call", async () => {
    const exporter = registered();
    const active: (string | undefined)[] = [];
    const vendor = fakeProvider({ name: "vendor" });
    const send: typeof vendor.send = (...call) => {
      active.push(trace.getActiveSpan()?.spanContext().spanId);
      vendor.send(...call);
    };
    const gateway = made({
      providers: { vendor: { ...vendor, send } },
      models: [{ id: "m", provider: "vendor", apiModelName: "m", layer: "L0" }],
    });
    const work = trace.getTracer("application").startSpan("work");
    await context.with(trace.setSpan(context.active(), work), () => gateway.chat(QUESTION, { identity: KEY }));
    const { request, attempts } = spansOf(exporter);
    expect(request).toMatchObject({
      kind: SpanKind.INTERNAL,
      parentSpanContext: { spanId: work.spanContext().spanId },
    });
    expect(request.attributes).toMatchObject({ "sluice.key.id": "key-1", "user.id": "ann" });
    expect(active).toEqual(attempts.map((attempt) => attempt.spanContext().spanId));
  });

  it("holds nothing of what was said, by whomever", async () => {
    const exporter = registered();
    const { gateway } = layered({ free: "the secret is 50", cheap: "the secret is 52", strong: "the secret is 51" });
    await post(
      gateway,
      { messages: [{ role: "user", content: "the secret of 17 * 3" }] },
      { authorization: "Bearer s3" },
    );
    const told = exporter.getFinishedSpans().map(({ name, attributes, events, status }) => ({
      name,
      attributes,
      events,
      status,
    }));
    expect(told).toHaveLength(4);
    expect(JSON.stringify(told)).not.toMatch(/secret|17 \* 3|s3/);
  });

  it("that is not sampled is handed on as such, and nothing is worked out for it", async () => {
    const exporter = registered({ sampler: new AlwaysOffSampler() });
    const { gateway, cheap } = layered();
    await post(gateway);
    expect(exporter.getFinishedSpans()).toEqual([]);
    expect(cheap.calls[0]?.headers?.traceparent).toMatch(/-00$/);
  });
});

describe("without an SDK", () => {
  it("a call is as it was", async () => {
    const { gateway, cheap } = layered();
    const response = await post(gateway, {}, { traceparent: PARENT });
    expect(response.status).toBe(200);
    expect(cheap.calls[0]?.headers).toBeUndefined();
  });

  it("there are spans as soon as one is registered, and none where the application wants none", async () => {
    const { gateway, cheap } = layered();
    const silent = layered({}, { tracerProvider: null });
    await post(gateway);
    const exporter = registered();
    await post(gateway);
    expect(exporter.getFinishedSpans().map(({ name }) => name)).toContain("chat auto");
    expect(cheap.calls.map(({ headers }) => headers?.traceparent !== undefined)).toEqual([false, true]);
    exporter.reset();
    await post(silent.gateway);
    expect(exporter.getFinishedSpans()).toEqual([]);
  });

  it("a provider of tracers can be given to one gateway alone", async () => {
    const exporter = new InMemorySpanExporter();
    const own = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
    onTestFinished(() => own.shutdown());
    const { gateway } = layered({}, { tracerProvider: own });
    await post(layered().gateway);
    expect(exporter.getFinishedSpans()).toEqual([]);
    await post(gateway);
    expect(spansOf(exporter).attempts).toHaveLength(2);
  });

  it.each(["startSpan", "spans"] as const)("a tracer that is broken in its %s costs no call", async (where) => {
    const broken = () => {
      throw new Error("out of order");
    };
    const span = new Proxy({}, { get: () => broken });
    const tracer = { startSpan: where === "spans" ? () => span : broken };
    const { gateway, strong } = layered({ free: "50", cheap: "52" }, { tracerProvider: { getTracer: () => tracer } });
    expect((await post(gateway)).status).toBe(200);
    expect(strong.calls).toHaveLength(1);
  });
});
