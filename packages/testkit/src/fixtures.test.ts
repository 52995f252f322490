import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type ChatCompletionChunk, type ChatInput, Gateway, type GatewayOptions } from "@sluice/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  fakeClock,
  fixture,
  fixtureNames,
  type Recording,
  replay,
  type ScriptedUpstream,
  scriptedUpstream,
} from "./index.js";

const FOLDER = new URL("../fixtures/", import.meta.url);

/** What a gateway makes of a fixture: a caller sees what its `about` promises. */
const EXPECTED: Readonly<Record<string, object>> = {
  "anthropic/error-mid-stream": {
    text: "Once upon a",
    finish: null,
    error: { code: "upstream_overloaded", details: expect.stringContaining("Overloaded") },
  },
  "anthropic/message": {
    text: "Hello! How can I help you today?",
    finish: "stop",
    usage: { prompt_tokens: 1_033, completion_tokens: 12, prompt_tokens_details: { cached_tokens: 1_024 } },
  },
  "anthropic/message-stream-thinking": {
    text: "27 × 453 = 12,231",
    reasoning: "Let me break it up: 27 × 400 = 10,800, 27 × 53 = 1,431.",
    thinking: [{ type: "thinking", signature: "EqQBCgIYAhIMU2x1aWNlRml4dHVyZRoMbm90IGEgc2lnbmF0dXJl" }],
    finish: "stop",
    usage: { prompt_tokens: 43, completion_tokens: 61 },
  },
  "anthropic/overloaded": {
    error: { code: "upstream_overloaded", status: 503, details: expect.stringContaining("Overloaded") },
  },
  "anthropic/tool-stream-empty-arguments": {
    text: "Let me look at the clock.",
    calls: [{ id: "toolu_01T1x1fJ34qAmk2tNTrN7Up6", name: "get_time", arguments: "{}" }],
    finish: "tool_calls",
  },
  "llama-cpp/chat-stream": {
    text: "Hello there!",
    finish: "stop",
    usage: { prompt_tokens: 11, completion_tokens: 4 },
    last: { timings: { predicted_n: 4 } },
  },
  "ollama/chat-stream": { text: "Hello there!", finish: "stop", usage: { prompt_tokens: 27, completion_tokens: 4 } },
  "openai/chat": {
    text: "Hello! How can I help you today?",
    finish: "stop",
    usage: { prompt_tokens: 9, completion_tokens: 9 },
  },
  "openai/chat-stream-usage": {
    text: "Grüße aus Köln! 🚰",
    finish: "stop",
    usage: { prompt_tokens: 14, completion_tokens: 8 },
    last: { choices: [] },
  },
  "openai/embeddings": {
    vectors: [
      [0.0078125, -0.015625, 0.03125, 0.25],
      [-0.5, 0.125, 0.0625, -0.00390625],
    ],
  },
  "openai/parallel-tools-stream": {
    text: "",
    calls: [
      { id: "call_8mT2vKxQw4Zr6yBn1CfDgH3j", name: "get_weather", arguments: '{"city":"Oslo"}' },
      { id: "call_5pL9sNzUe7Xa0tVh2RkMjY4w", name: "get_weather", arguments: '{"city":"São Paulo"}' },
    ],
    finish: "tool_calls",
  },
  "openai/rate-limited": {
    error: {
      code: "upstream_rate_limited",
      status: 429,
      retryAfterMs: 6_924,
      details: expect.stringContaining("Rate limit reached"),
    },
  },
  "openai/structured-output": { text: '{"city":"Oslo","population":717710}', finish: "stop" },
  "openai/unauthorized": {
    // Core takes out what looks like a key, the vendor's half of one included.
    error: {
      code: "upstream_auth_failed",
      status: 502,
      details: expect.stringContaining("Incorrect API key provided: [redacted]"),
    },
  },
  "openrouter/chat-stream-comments": {
    text: "Hello there!",
    finish: "stop",
    usage: { prompt_tokens: 9, completion_tokens: 4, cost: 0.00001 },
  },
  "openrouter/error-in-200": {
    error: { code: "upstream_failed", details: expect.stringContaining("upstream connect error") },
  },
  "openrouter/error-mid-stream": {
    text: "Once upon",
    finish: null,
    error: { code: "upstream_failed", details: expect.stringContaining("disconnected unexpectedly") },
  },
  "vllm/chat-stream": {
    text: "Hello there",
    reasoning: "The user greets me.",
    finish: "length",
    usage: { prompt_tokens: 10, completion_tokens: 8 },
  },
};

let upstream: ScriptedUpstream;
let gateway: Gateway | undefined;

beforeEach(async () => {
  upstream = await scriptedUpstream();
});

afterEach(async () => {
  await gateway?.close();
  await upstream.close();
});

/** The vendor's own provider, so that the recorded path is the one that is asked. */
function gatewayFor(vendor: string): Gateway {
  const own: Record<string, GatewayOptions["providers"]> = {
    openai: { openai: { apiKey: "key", baseUrl: `${upstream.url}/v1` } },
    anthropic: { anthropic: { apiKey: "key", baseUrl: upstream.url } },
    openrouter: { openrouter: { apiKey: "key", baseUrl: `${upstream.url}/api/v1` } },
  };
  const providers = own[vendor] ?? { "oss-local": { baseUrl: `${upstream.url}/v1` } };
  const [provider = ""] = Object.keys(providers);
  return new Gateway({
    providers,
    models: [{ id: "m", provider, apiModelName: "vendor-model", layer: "L0" }],
    routing: { attempts: 1 },
    clock: fakeClock(), // a wait that was asked for does not get shorter meanwhile
  });
}

interface Asked extends ChatInput {
  readonly input?: string[];
}

/** The recorded request as a caller of the gateway would put it. */
function requestOf({ vendor, request }: Recording): Asked {
  const body = request.body as Asked; // the fixtures' bodies are chats and one call for embeddings
  if (vendor !== "anthropic") return { ...body, model: "m" };
  return { model: "m", messages: body.messages, stream: body.stream, stream_options: { include_usage: true } };
}

async function outcomeOf(recording: Recording, by: Gateway): Promise<object> {
  const request = requestOf(recording);
  if (request.stream) return streamed(request, by);
  try {
    if (request.input) {
      const { data } = await by.embeddings({ ...request, input: request.input });
      return { vectors: data.map(({ embedding }) => embedding) };
    }
    const { choices, usage } = await by.chat(request);
    return { text: choices[0]?.message.content, finish: choices[0]?.finish_reason, usage };
  } catch (error) {
    return { error };
  }
}

async function streamed(request: ChatInput, by: Gateway): Promise<object> {
  const seen = new Seen();
  try {
    for await (const chunk of by.stream(request)) seen.add(chunk);
    return seen;
  } catch (error) {
    return { ...seen, error };
  }
}

/** A stream put together as clients do. */
class Seen {
  text = "";
  reasoning = "";
  finish: string | null = null;
  usage: unknown = null;
  last: ChatCompletionChunk | null = null;
  readonly thinking: unknown[] = [];
  readonly calls: { id: string; name: string; arguments: string }[] = [];

  add(chunk: ChatCompletionChunk): void {
    this.last = chunk;
    this.usage = chunk.usage ?? this.usage;
    const choice = chunk.choices[0];
    if (!choice) return;
    const { content, reasoning_content, reasoning, thinking_blocks, tool_calls = [] } = choice.delta;
    this.text += content ?? "";
    this.reasoning += reasoning_content ?? reasoning ?? "";
    if (Array.isArray(thinking_blocks)) this.thinking.push(...thinking_blocks);
    this.finish = choice.finish_reason ?? this.finish;
    for (const { index, id, function: called } of tool_calls) {
      this.calls[index] ??= { id: id ?? "", name: called?.name ?? "", arguments: "" };
      this.calls[index].arguments += called?.arguments ?? "";
    }
  }
}

describe("the fixtures", () => {
  it("are the files in the folder, and each has an expectation", () => {
    const files = readdirSync(FOLDER, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".json"));
    expect(files.map((file) => file.replace(/\\/g, "/").replace(/\.json$/, "")).sort()).toEqual([...fixtureNames]);
    expect(Object.keys(EXPECTED)).toEqual([...fixtureNames]);
  });

  it.each(fixtureNames)("%s is a recording of its vendor and holds no key", (name) => {
    const { vendor, about, request } = fixture(name);
    expect(vendor).toBe(name.split("/")[0]);
    expect(about).toMatch(/^[^.].*\.$/);
    expect(Object.keys(request.headers ?? {})).toEqual(expect.not.arrayContaining(["authorization"]));
    expect(Object.keys(request.headers ?? {})).toEqual(expect.not.arrayContaining(["x-api-key"]));
    const text = readFileSync(fileURLToPath(new URL(`${name}.json`, FOLDER)), "utf8");
    expect(text).not.toMatch(/\bsk-(?!inval\*)/);
  });

  it.each(fixtureNames)("%s is played through a gateway and gives what it promises", async (name) => {
    const recording = fixture(name);
    upstream.enqueue(replay(recording));
    gateway = gatewayFor(recording.vendor);
    const outcome = await outcomeOf(recording, gateway);
    expect(outcome).toMatchObject(EXPECTED[name] ?? {});
    expect("error" in outcome).toBe("error" in (EXPECTED[name] ?? {}));
    const asked = upstream.requests.find(({ method }) => method === recording.request.method);
    expect(asked?.path).toBe(recording.request.path);
    expect(asked?.headers["anthropic-version"]).toBe(recording.request.headers?.["anthropic-version"]);
  });

  it("are named in the error about a name there is none of", () => {
    expect(() => fixture("openai/../../package")).toThrow(TypeError);
    expect(() => fixture("openai/other")).toThrow(/openai\/chat,.*vllm\/chat-stream/);
  });
});
