import { Gateway, type GatewayOptions } from "@sluice/core";
import { type Serving, serve } from "@sluice/node";
import { anthropic, error, faults, openai, type ScriptedUpstream, scriptedUpstream } from "@sluice/testkit";
import OpenAI from "openai";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const MESSAGES = [{ role: "user" as const, content: "What is the weather in Paris and in Rome?" }];
const WEATHER = {
  type: "function" as const,
  function: {
    name: "get_weather",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
};

let upstream: ScriptedUpstream;
let claude: ScriptedUpstream;
let serving: Serving;

beforeEach(async () => {
  upstream = await scriptedUpstream();
  claude = await scriptedUpstream();
  serving = await start();
});

afterEach(async () => {
  await serving.close();
  await Promise.all([upstream.close(), claude.close()]);
});

function start(options: GatewayOptions = {}): Promise<Serving> {
  const gateway = new Gateway({
    providers: {
      openai: { apiKey: "upstream-key", baseUrl: `${upstream.url}/v1` },
      anthropic: { apiKey: "upstream-key", baseUrl: claude.url },
    },
    models: [
      { id: "fast", provider: "openai", apiModelName: "gpt-fast", layer: "L0" },
      { id: "claude", provider: "anthropic", apiModelName: "claude-fast", layer: "L1", maxOutputTokens: 1000 },
    ],
    ...options,
  });
  return serve(gateway, { port: 0, drain: { acceptMs: 0, finishMs: 1_000 } });
}

function client(options: { maxRetries?: number } = {}): OpenAI {
  return new OpenAI({ baseURL: `${serving.url}/v1`, apiKey: "unused", maxRetries: 0, ...options });
}

/** Each dialect, with a reply that says `text` and one that calls a tool for each of `cities`. */
const dialects = [
  {
    model: "fast",
    upstream: () => upstream,
    says: (text: string) => openai.completion({ content: text }),
    streams: (parts: readonly string[]) => openai.stream(parts, { usage: true }),
    calls: (cities: readonly string[]) =>
      openai.completion({
        tool_calls: cities.map((city, index) => ({
          id: `call_${index}`,
          name: "get_weather",
          arguments: JSON.stringify({ city }),
        })),
      }),
  },
  {
    model: "claude",
    upstream: () => claude,
    says: (text: string) => anthropic.message({ content: [{ type: "text", text }] }),
    streams: (parts: readonly string[]) => anthropic.stream(parts),
    calls: (cities: readonly string[]) =>
      anthropic.message({
        content: cities.map((city, index) => ({
          type: "tool_use",
          id: `toolu_${index}`,
          name: "get_weather",
          input: { city },
        })),
      }),
  },
];

describe.each(dialects)("the official client, answered by $model", ({ model, upstream: at, says, streams, calls }) => {
  it("gets a completion", async () => {
    at().enqueue(says("Sunny."));
    const { data, response, request_id } = await client()
      .chat.completions.create({ model, messages: MESSAGES })
      .withResponse();
    expect(data.object).toBe("chat.completion");
    expect(data.choices[0]?.message).toMatchObject({ role: "assistant", content: "Sunny." });
    expect(data.usage?.total_tokens).toBeGreaterThan(0);
    expect(response.headers.get("x-sluice-model")).toBe(model);
    expect(request_id).toMatch(/^req_/);
  });

  it("reads a stream", async () => {
    at().enqueue(streams(["Sun", "ny", "."]));
    const stream = await client().chat.completions.create({
      model,
      messages: MESSAGES,
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = "";
    let usage: OpenAI.CompletionUsage | null | undefined;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? "";
      usage = chunk.usage ?? usage;
    }
    expect(text).toBe("Sunny.");
    expect(usage?.total_tokens).toBeGreaterThan(0);
  });

  it("assembles a stream with its own helper", async () => {
    at().enqueue(streams(["Sun", "ny."]));
    const final = await client().chat.completions.stream({ model, messages: MESSAGES }).finalChatCompletion();
    expect(final.choices[0]).toMatchObject({ finish_reason: "stop", message: { content: "Sunny." } });
  });

  it("gets parallel tool calls, and sends their results back", async () => {
    at().enqueue(calls(["Paris", "Rome"]), says("Sunny in both."));
    const first = await client().chat.completions.create({ model, messages: MESSAGES, tools: [WEATHER] });
    const message = first.choices[0]?.message;
    expect(first.choices[0]?.finish_reason).toBe("tool_calls");
    const cities = message?.tool_calls?.map((call) =>
      call.type === "function" ? JSON.parse(call.function.arguments) : null,
    );
    expect(cities).toEqual([{ city: "Paris" }, { city: "Rome" }]);
    if (!message) throw new Error("no message");
    const results = (message.tool_calls ?? []).map((call) => ({
      role: "tool" as const,
      tool_call_id: call.id,
      content: "sunny",
    }));
    const second = await client().chat.completions.create({
      model,
      messages: [...MESSAGES, message, ...results],
      tools: [WEATHER],
    });
    expect(second.choices[0]?.message.content).toBe("Sunny in both.");
  });

  it("parses a structured output", async () => {
    at().enqueue(says('{"city":"Paris","degrees":21}'));
    const parsed = await client().chat.completions.parse({
      model,
      messages: MESSAGES,
      response_format: {
        type: "json_schema",
        json_schema: {
          name: "weather",
          strict: true,
          schema: {
            type: "object",
            properties: { city: { type: "string" }, degrees: { type: "number" } },
            required: ["city", "degrees"],
            additionalProperties: false,
          },
        },
      },
    });
    expect(JSON.parse(parsed.choices[0]?.message.content ?? "")).toEqual({ city: "Paris", degrees: 21 });
  });

  it("stops the upstream when it aborts a stream", async () => {
    at().enqueue(faults.hangAfter(streams(["Sun", "ny", "."]), 4));
    const stream = await client().chat.completions.create({ model, messages: MESSAGES, stream: true });
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
    const request = await at().nextRequest();
    expect((await request.closed).by).toBe("client");
  });

  it("stops the upstream when it aborts a plain call", async () => {
    at().enqueue(faults.hangBeforeHeaders());
    const leaving = new AbortController();
    const answer = client().chat.completions.create({ model, messages: MESSAGES }, { signal: leaving.signal });
    const request = await at().nextRequest();
    leaving.abort();
    await expect(answer).rejects.toBeInstanceOf(OpenAI.APIUserAbortError);
    expect((await request.closed).by).toBe("client");
  });

  it("throws on a stream that ends too early", async () => {
    at().enqueue(faults.endAfter(streams(["Sun", "ny", "."]), 4));
    const stream = await client().chat.completions.create({ model, messages: MESSAGES, stream: true });
    const read = async () => {
      for await (const _chunk of stream);
    };
    await expect(read()).rejects.toBeInstanceOf(OpenAI.APIError);
  });
});

describe("the official client's error classes", () => {
  it.each([
    ["a field of the wrong type", { model: "fast", messages: [], temperature: 1 }, OpenAI.BadRequestError, 400],
    ["an unknown model", { model: "nope", messages: MESSAGES }, OpenAI.NotFoundError, 404],
  ])("%s", async (_name, body, type, status) => {
    const answer = client().chat.completions.create(body as OpenAI.ChatCompletionCreateParamsNonStreaming);
    await expect(answer).rejects.toBeInstanceOf(type);
    await expect(answer).rejects.toMatchObject({
      status,
      error: { message: expect.any(String), code: expect.any(String) },
    });
  });

  it.each([
    [429, () => faults.rateLimited("60"), OpenAI.RateLimitError, 429],
    [500, () => error(500, {}), OpenAI.InternalServerError, 502],
    [401, () => error(401, {}), OpenAI.InternalServerError, 502],
    [529, () => error(529, {}), OpenAI.InternalServerError, 503],
  ])("an upstream's %i", async (_status, reply, type, status) => {
    upstream.always(reply());
    const answer = client().chat.completions.create({ model: "fast", messages: MESSAGES });
    await expect(answer).rejects.toBeInstanceOf(type);
    await expect(answer).rejects.toMatchObject({ status });
  });

  it("its own retries reach the gateway again", async () => {
    await serving.close();
    serving = await start({ routing: { attempts: 1 } });
    upstream.enqueue(error(500, {}), openai.completion({ content: "second" }));
    const answer = await client({ maxRetries: 1 }).chat.completions.create({ model: "fast", messages: MESSAGES });
    expect(answer.choices[0]?.message.content).toBe("second");
  });
});

describe("the official client's model list", () => {
  it("lists and retrieves", async () => {
    const ids: string[] = [];
    for await (const model of client().models.list()) ids.push(model.id);
    expect(ids).toContain("fast");
    expect(await client().models.retrieve("fast")).toMatchObject({
      id: "fast",
      object: "model",
      owned_by: expect.any(String),
    });
    await expect(client().models.retrieve("nope")).rejects.toBeInstanceOf(OpenAI.NotFoundError);
  });
});
