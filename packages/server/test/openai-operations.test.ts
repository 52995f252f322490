import { Gateway } from "@sluice/core";
import { type Serving, serve } from "@sluice/node";
import { error, faults, gate, json, raw, type ScriptedUpstream, scriptedUpstream, sse } from "@sluice/testkit";
import OpenAI, { toFile } from "openai";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let upstream: ScriptedUpstream;
let other: ScriptedUpstream;
let gateway: Gateway;
let serving: Serving;
let client: OpenAI;

beforeEach(async () => {
  upstream = await scriptedUpstream();
  other = await scriptedUpstream();
  gateway = new Gateway({
    providers: {
      openai: { apiKey: "upstream-key", baseUrl: `${upstream.url}/v1` },
      other: { type: "openai-compatible", baseUrl: `${other.url}/v1` },
      anthropic: { apiKey: "upstream-key" },
    },
    models: [
      { id: "one", provider: "openai", apiModelName: "vendor-one", layer: "L0", fallbacks: ["two", "three"] },
      { id: "two", provider: "other", apiModelName: "vendor-two", layer: "L0", operations: ["embeddings"] },
      { id: "three", provider: "other", apiModelName: "vendor-one", layer: "L0" },
      { id: "claude", provider: "anthropic", apiModelName: "claude", layer: "L1" },
    ],
  });
  serving = await serve(gateway, { port: 0, drain: { acceptMs: 0, finishMs: 1_000 } });
  client = new OpenAI({ baseURL: `${serving.url}/v1`, apiKey: "unused", maxRetries: 0 });
});

afterEach(async () => {
  await serving.close();
  await Promise.all([upstream.close(), other.close()]);
});

const DOWN = { error: { message: "down", type: "server_error" } };

/** The numbers of a float of four bytes, so that both encodings are equal to the last bit. */
const VECTOR = [0.5, -0.25, 0.125];

function embeddings(embedding: unknown, more: object = {}) {
  const data = [{ object: "embedding", index: 0, embedding }];
  return json(200, {
    object: "list",
    data,
    model: "vendor-one",
    usage: { prompt_tokens: 3, total_tokens: 3 },
    ...more,
  });
}

function base64(numbers: readonly number[]): string {
  return Buffer.from(Float32Array.from(numbers).buffer).toString("base64");
}

describe("embeddings with OpenAI's client", () => {
  it.each([
    ["base64, which the client asks for by itself", undefined, base64(VECTOR)],
    ["numbers though base64 was asked for", undefined, VECTOR],
    ["numbers", "float", VECTOR],
    ["base64 though numbers were asked for", "float", base64(VECTOR)],
  ] as const)("come right from an upstream that sends %s", async (_what, encoding_format, sent) => {
    upstream.enqueue(embeddings(sent));
    const answer = await client.embeddings.create({
      model: "one",
      input: "Hi",
      ...(encoding_format && { encoding_format }),
    });
    expect([...(answer.data[0]?.embedding ?? [])]).toEqual(VECTOR);
    const { path, json: body } = await upstream.nextRequest();
    expect(path).toBe("/v1/embeddings");
    expect(body).toEqual({ model: "vendor-one", input: "Hi", encoding_format: encoding_format ?? "base64" });
  });

  it("keep their bytes where nothing has to change, batches and their order too", async () => {
    const body = `{"object":"list","data":[{"object":"embedding","index":0,"embedding":[1e0]},{"object":"embedding","index":1,"embedding":[2.50]}],"model":"m", "usage":{"prompt_tokens":2,"total_tokens":2}}`;
    upstream.enqueue(raw(200, { "content-type": "application/json" }, body));
    const response = await fetch(`${serving.url}/v1/embeddings`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"input": ["a", "b"], "model": "one", "x": 12345678901234567890}',
    });
    expect(await response.text()).toBe(body);
    expect(response.headers.get("x-sluice-model")).toBe("one");
    expect((await upstream.nextRequest()).body.toString()).toBe(
      '{"input": ["a", "b"], "model": "vendor-one", "x": 12345678901234567890}',
    );
  });

  it("fall back, and are metered", async () => {
    const usages: unknown[] = [];
    gateway.on("response", ({ usage, model }) => usages.push([model, usage]));
    upstream.always(error(500, DOWN));
    other.enqueue(embeddings(VECTOR));
    await client.embeddings.create({ model: "one", input: ["Hi", "Ho"] });
    expect(usages).toEqual([
      ["two", { input: 3, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 0, reasoning: 0 }],
    ]);
  });

  it("go to the models that say they serve them, when `auto` is asked; chats go elsewhere", async () => {
    other.enqueue(embeddings(VECTOR));
    await client.embeddings.create({ model: "auto", input: "Hi" });
    expect((await other.nextRequest()).json).toMatchObject({ model: "vendor-two" });
    const chat = client.chat.completions.create({ model: "two", messages: [{ role: "user", content: "Hi" }] });
    await expect(chat).rejects.toMatchObject({ status: 400, param: "model" });
  });

  it.each([
    [{ model: "claude", input: "Hi" }, /cannot be asked for embeddings/],
    [{ model: "one", input: [] as string[] }, /^400 .*input/],
    [{ model: "one", input: "Hi", dimensions: 0 }, /dimensions/],
    [{ model: "nobody", input: "Hi" }, /no model is called nobody/],
  ])("refuse %j", async (body, message) => {
    await expect(client.embeddings.create(body)).rejects.toThrow(message);
    await expect(client.embeddings.create(body)).rejects.toBeInstanceOf(OpenAI.APIError);
  });

  it("work in-process too", async () => {
    const answer = await new Gateway().embeddings({ input: ["red water", "water", "sky"], dimensions: 64 });
    const [red, water, sky] = answer.data.map(({ embedding }) => embedding as number[]);
    const dot = (one: number[] = [], two: number[] = []) =>
      one.reduce((sum, each, at) => sum + each * (two[at] ?? 0), 0);
    expect(dot(water, water)).toBeCloseTo(1);
    expect(dot(red, water)).toBeGreaterThan(dot(sky, water));
  });
});

describe("other operations with OpenAI's client", () => {
  it("moderations", async () => {
    upstream.enqueue(json(200, { id: "m", model: "x", results: [{ flagged: true }] }));
    expect((await client.moderations.create({ model: "one", input: "Hi" })).results[0]?.flagged).toBe(true);
    expect((await upstream.nextRequest()).path).toBe("/v1/moderations");
  });

  it("completions, whole and as a stream that is metered without saying so", async () => {
    const choice = { index: 0, text: "flows", finish_reason: "stop", logprobs: null };
    upstream.enqueue(json(200, { id: "c", object: "text_completion", model: "x", choices: [choice] }));
    const whole = await client.completions.create({ model: "one", prompt: "Water" });
    expect(whole.choices[0]?.text).toBe("flows");
    const chunk = (text: string) => ({
      data: { id: "c", object: "text_completion", model: "x", choices: [{ index: 0, text }] },
    });
    const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 };
    const last = { data: { id: "c", object: "text_completion", model: "x", choices: [], usage } };
    upstream.enqueue(sse([chunk("flo"), chunk("ws"), last, { data: "[DONE]" }]));
    const metered = new Promise((resolve) => gateway.once("response", resolve));
    const chunks = [];
    for await (const each of await client.completions.create({ model: "one", prompt: "Water", stream: true })) {
      chunks.push(each.choices[0]?.text);
    }
    expect(chunks).toEqual(["flo", "ws"]);
    expect(await metered).toMatchObject({ usage: { input: 1, output: 2 } });
  });

  it("pictures, and their stream, which ends with its last event", async () => {
    upstream.enqueue(
      json(200, { created: 1, data: [{ b64_json: "aGk=" }], usage: { input_tokens: 5, output_tokens: 7 } }),
    );
    const metered = new Promise((resolve) => gateway.once("response", resolve));
    expect((await client.images.generate({ model: "one", prompt: "water" })).data?.[0]?.b64_json).toBe("aGk=");
    expect(await metered).toMatchObject({ usage: { input: 5, output: 7 } });
    const events = ["image_generation.partial_image", "image_generation.completed"];
    upstream.enqueue(sse(events.map((type) => ({ event: type, data: { type, b64_json: "aGk=" } }))));
    const seen = [];
    for await (const event of await client.images.generate({ model: "one", prompt: "water", stream: true })) {
      seen.push(event.type);
    }
    expect(seen).toEqual(events);
  });

  it("rerank", async () => {
    upstream.enqueue(json(200, { results: [{ index: 1, relevance_score: 0.9 }], usage: { total_tokens: 9 } }));
    const metered = new Promise((resolve) => gateway.once("response", resolve));
    const answer = await client.post("/rerank", {
      body: { model: "one", query: "q", documents: ["a", { text: "b" }] },
    });
    expect(answer).toMatchObject({ results: [{ index: 1 }] });
    expect(await metered).toMatchObject({ usage: { input: 9 } });
    expect((await upstream.nextRequest()).path).toBe("/v1/rerank");
  });
});

describe("speech", () => {
  const SPEECH = { model: "one", input: "Hello", voice: "alloy" };
  const SOUND = { "content-type": "audio/mpeg" };

  it("comes as it is made, byte for byte", async () => {
    const halfway = gate();
    upstream.enqueue(raw(200, SOUND, [Buffer.from([0xff, 0xfb, 0]), halfway, Buffer.from([1, 2, 3])]));
    const response = await client.audio.speech.create(SPEECH);
    expect(response.headers.get("content-type")).toBe("audio/mpeg");
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    expect([...((await reader.read()).value ?? [])]).toEqual([0xff, 0xfb, 0]);
    halfway.open();
    expect([...((await reader.read()).value ?? [])]).toEqual([1, 2, 3]);
    expect((await reader.read()).done).toBe(true);
  });

  it("that is cut short is no whole sound, and no error text is mixed into it", async () => {
    upstream.enqueue(faults.cutAfter(raw(200, SOUND, [Buffer.from([1]), Buffer.from([2])]), 1));
    const response = await client.audio.speech.create(SPEECH);
    await expect(response.arrayBuffer()).rejects.toThrow();
  });

  it("falls back before its first byte, also from a page or from JSON in its place", async () => {
    upstream.enqueue(faults.html());
    other.enqueue(raw(200, SOUND, "sound"));
    const response = await client.audio.speech.create(SPEECH);
    expect(await response.text()).toBe("sound");
    expect(response.headers.get("x-sluice-model")).toBe("three");
  });

  it("as events ends with its last event; cut before that it fails", async () => {
    const events = [{ data: { type: "speech.audio.delta", audio: "aGk=" } }, { data: { type: "speech.audio.done" } }];
    upstream.enqueue(sse(events));
    const whole = await client.audio.speech.create({ ...SPEECH, stream_format: "sse" });
    expect(await whole.text()).toContain("speech.audio.done");
    upstream.enqueue(sse(events.slice(0, 1)));
    const cut = await client.audio.speech.create({ ...SPEECH, stream_format: "sse" });
    expect(await cut.text()).toContain('{"error":{');
  });
});

describe("forms", () => {
  const SOUND = Buffer.from(Array.from({ length: 10_000 }, (_, index) => index % 256));
  const form = async () => ({ model: "vendor-one", file: await toFile(SOUND, "a.mp3") });
  const named = { headers: { "x-sluice-model": "one" } };

  it("go on unread, byte for byte", async () => {
    upstream.enqueue(json(200, { text: "hello", usage: { type: "tokens", input_tokens: 14, output_tokens: 2 } }));
    const answer = await client.audio.transcriptions.create(await form(), named);
    expect(answer.text).toBe("hello");
    const { path, headers, body } = await upstream.nextRequest();
    expect(path).toBe("/v1/audio/transcriptions");
    expect(headers["content-type"]).toMatch(/^multipart\/form-data; boundary=/);
    expect(headers["content-length"]).toBe(String(body.length));
    expect(body.includes(SOUND)).toBe(true);
  });

  it("fall back to a model of the same name only, as the form names it", async () => {
    upstream.always(error(500, DOWN));
    other.enqueue(json(200, { text: "from the other" }));
    expect((await client.audio.transcriptions.create(await form(), named)).text).toBe("from the other");
    expect((await other.nextRequest()).body.includes("vendor-one")).toBe(true);
    expect(upstream.requests.length + other.requests.length).toBe(2);
  });

  it("may be answered with plain text, or with events", async () => {
    upstream.enqueue(raw(200, { "content-type": "text/plain; charset=utf-8" }, "hello\n"));
    const text = await client.audio.transcriptions.create({ ...(await form()), response_format: "text" }, named);
    expect(text).toBe("hello\n");
    const types = ["transcript.text.delta", "transcript.text.done"];
    upstream.enqueue(sse(types.map((type) => ({ data: { type } }))));
    const seen = [];
    for await (const event of await client.audio.transcriptions.create({ ...(await form()), stream: true }, named)) {
      seen.push(event.type);
    }
    expect(seen).toEqual(types);
  });

  it.each([
    ["without the header", {}, "multipart/form-data; boundary=x", 400, /^x-sluice-model: /],
    ["that are JSON", { "x-sluice-model": "one" }, "application/json", 415, /multipart\/form-data/],
    ["without a boundary", { "x-sluice-model": "one" }, "multipart/form-data", 415, /multipart\/form-data/],
  ])("%s are refused", async (_what, headers, type, status, details) => {
    const response = await fetch(`${serving.url}/v1/images/edits`, {
      method: "POST",
      headers: { ...headers, "content-type": type },
      body: "--x--",
    });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ details: expect.stringMatching(details) });
    expect(upstream.requests).toEqual([]);
  });
});
