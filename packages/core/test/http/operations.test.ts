import { Gateway, OPERATIONS, type Operation, type ResponseEvent } from "@sluice/core";
import { error, faults, json, raw, type ScriptedUpstream, scriptedUpstream, sse } from "@sluice/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

/** One operation: what is sent, what a vendor answers, and the usage in it. */
interface Case {
  readonly operation: Operation;
  /** A JSON body; a form where it is left out. */
  readonly body?: Readonly<Record<string, unknown>>;
  readonly answer: object;
  /** Input and output tokens. */
  readonly usage: readonly [number, number];
}

const COUNTED = { usage: { input_tokens: 5, output_tokens: 7, total_tokens: 12 } };
const PROMPT = { usage: { prompt_tokens: 5, total_tokens: 5 } };
const BOTH = { usage: { prompt_tokens: 5, completion_tokens: 7, total_tokens: 12 } };
const TOTAL = { usage: { total_tokens: 5 } };
const PICTURE = { created: 1, data: [{ b64_json: "aGk=" }] };

const WHOLE: readonly Case[] = [
  {
    operation: "embeddings",
    body: { input: ["a", "b"] },
    answer: { object: "list", model: "m", data: [{ object: "embedding", index: 0, embedding: [1] }], ...PROMPT },
    usage: [5, 0],
  },
  {
    operation: "completions",
    body: { prompt: "Water" },
    answer: { object: "text_completion", model: "m", choices: [{ index: 0, text: "flows" }], ...BOTH },
    usage: [5, 7],
  },
  {
    operation: "moderations",
    body: { input: "a" },
    answer: { id: "m", model: "m", results: [{ flagged: false }], ...PROMPT },
    usage: [5, 0],
  },
  {
    operation: "rerank",
    body: { query: "q", documents: ["a"] },
    answer: { results: [{ index: 0, relevance_score: 1 }], ...TOTAL },
    usage: [5, 0],
  },
  { operation: "images.generations", body: { prompt: "water" }, answer: { ...PICTURE, ...COUNTED }, usage: [5, 7] },
  { operation: "images.edits", answer: { ...PICTURE, ...COUNTED }, usage: [5, 7] },
  { operation: "images.variations", answer: { ...PICTURE, ...COUNTED }, usage: [5, 7] },
  { operation: "audio.transcriptions", answer: { text: "hello", ...COUNTED }, usage: [5, 7] },
  { operation: "audio.translations", answer: { text: "hello", ...COUNTED }, usage: [5, 7] },
];

/** The operations that stream, with their events; the last one tells the usage. */
const STREAMED: readonly (Omit<Case, "answer"> & { readonly events: readonly object[] })[] = [
  {
    operation: "completions",
    body: { prompt: "Water", stream: true, stream_options: { include_usage: true } },
    events: [
      { object: "text_completion", model: "m", choices: [{ index: 0, text: "flows" }] },
      { object: "text_completion", model: "m", choices: [{ index: 0, text: "", finish_reason: "stop" }] },
      { object: "text_completion", model: "m", choices: [], ...BOTH },
    ],
    usage: [5, 7],
  },
  {
    operation: "images.generations",
    body: { prompt: "water", stream: true },
    events: [
      { type: "image_generation.partial_image", b64_json: "aGk=" },
      { type: "image_generation.completed", b64_json: "aGk=", ...COUNTED },
    ],
    usage: [5, 7],
  },
  {
    operation: "audio.speech",
    body: { input: "Hello", voice: "v", stream_format: "sse" },
    events: [
      { type: "speech.audio.delta", audio: "aGk=" },
      { type: "speech.audio.done", ...COUNTED },
    ],
    usage: [5, 7],
  },
  {
    operation: "audio.transcriptions",
    events: [
      { type: "transcript.text.delta", delta: "he" },
      { type: "transcript.text.done", text: "he", ...COUNTED },
    ],
    usage: [5, 7],
  },
];

const FORM = "--x\r\ncontent-disposition: form-data; name=model\r\n\r\nvendor-model\r\n--x--\r\n";

let first: ScriptedUpstream;
let second: ScriptedUpstream;
let gateway: Gateway;
let answered: ResponseEvent[];

beforeEach(async () => {
  [first, second] = await Promise.all([scriptedUpstream(), scriptedUpstream()]);
  gateway = new Gateway({
    providers: {
      first: { type: "openai-compatible", baseUrl: `${first.url}/v1` },
      second: { type: "openai-compatible", baseUrl: `${second.url}/v1` },
    },
    models: [
      { id: "one", provider: "first", apiModelName: "vendor-model", layer: "L0", fallbacks: ["two"] },
      { id: "two", provider: "second", apiModelName: "vendor-model", layer: "L0" },
    ],
  });
  answered = [];
  gateway.on("response", (event) => answered.push(event));
});

afterEach(async () => {
  await gateway.close();
  await Promise.all([first.close(), second.close()]);
});

function pathOf(operation: Operation): string {
  return `/v1/${operation.replace(".", "/")}`;
}

function ask({ operation, body }: Pick<Case, "operation" | "body">): Promise<Response> {
  const headers = {
    "content-type": body ? "application/json" : "multipart/form-data; boundary=x",
    "x-sluice-model": "one",
  };
  const text = body ? JSON.stringify({ model: "one", ...body }) : FORM;
  return gateway.fetch(new Request(`http://localhost${pathOf(operation)}`, { method: "POST", headers, body: text }));
}

it("every operation but the chat stands in one of the tables", () => {
  const told = new Set<Operation>(["chat", ...[...WHOLE, ...STREAMED].map(({ operation }) => operation)]);
  expect([...told].sort()).toEqual([...OPERATIONS].sort());
});

describe.each(WHOLE)("$operation", ({ answer, usage: [input, output], ...request }) => {
  it("goes to the model it names, and is metered", async () => {
    first.enqueue(json(200, answer));
    const response = await ask(request);
    expect(response.headers.get("x-sluice-model")).toBe("one");
    expect(await response.json()).toEqual(answer);
    const { path, json: body } = await first.nextRequest();
    expect(path).toBe(pathOf(request.operation));
    expect(body).toEqual(request.body && { model: "vendor-model", ...request.body });
    expect(answered).toMatchObject([{ model: "one", attempts: 1, usage: { input, output } }]);
  });

  it.each([
    ["fails", () => error(500, { error: { message: "down", type: "server_error" } })],
    ["answers with a page", () => faults.html()],
    ["breaks off", () => faults.truncatedJson(answer)],
  ])("goes on to the next model when one %s", async (_how, fault) => {
    first.always(fault());
    second.enqueue(json(200, answer));
    const response = await ask(request);
    expect([response.status, response.headers.get("x-sluice-model")]).toEqual([200, "two"]);
    expect(await response.json()).toEqual(answer);
    expect(answered).toMatchObject([{ model: "two", attempts: 2, usage: { input, output } }]);
  });

  it("passes on what is wrong with the request, and asks nobody else", async () => {
    first.enqueue(error(400, { error: { message: "too long", type: "invalid_request_error" } }));
    expect((await ask(request)).status).toBe(400);
    expect(second.requests).toEqual([]);
  });
});

describe.each<[Operation, object]>([
  ["embeddings", { input: "Hello" }],
  ["moderations", { input: "Hello" }],
  ["rerank", { query: "Hello", documents: ["Hi"] }],
])("%s, which comes whole,", (operation, body) => {
  it.each([true, {}, 1, "yes"])("is refused as a stream (%j), and nobody waits", async (stream) => {
    const response = await ask({ operation, body: { ...body, stream } });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('"details":"stream: expected ');
  });
});

describe.each(STREAMED)("$operation as a stream", ({ events, usage: [input, output], ...request }) => {
  const done = request.operation === "completions" ? [{ data: "[DONE]" }] : [];
  const stream = sse([...events.map((data) => ({ data })), ...done]);

  it("is metered", async () => {
    first.enqueue(stream);
    const response = await ask(request);
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    const text = await response.text();
    for (const event of events) expect(text).toContain(`data: ${JSON.stringify(event)}\n\n`);
    expect(answered).toMatchObject([{ model: "one", stream: true, usage: { input, output } }]);
  });

  it("goes on to the next model before its first output", async () => {
    first.enqueue(faults.cutAfter(stream, 0));
    second.enqueue(stream);
    const response = await ask(request);
    expect(response.headers.get("x-sluice-model")).toBe("two");
    expect(await response.text()).toContain(JSON.stringify(events[0]));
    expect(answered).toMatchObject([{ model: "two", attempts: 2 }]);
  });

  it("ends with an error after it, and repeats nothing", async () => {
    first.enqueue(faults.cutAfter(stream, 1));
    const text = await (await ask(request)).text();
    expect(text).toContain(JSON.stringify(events[0]));
    expect(text).toContain('data: {"error":{');
    expect(text).not.toContain("[DONE]");
    expect(second.requests).toEqual([]);
    expect(answered).toEqual([]);
  });
});

it("speech without events has no usage to tell of, and falls back all the same", async () => {
  first.enqueue(faults.cutAfter(raw(200, { "content-type": "audio/mpeg" }, [Buffer.from([1])]), 0));
  second.enqueue(raw(200, { "content-type": "audio/mpeg" }, Buffer.from([1, 2, 3])));
  const response = await ask({ operation: "audio.speech", body: { input: "Hello", voice: "v" } });
  expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([1, 2, 3]);
  expect(answered).toMatchObject([{ model: "two", usage: null }]);
});
