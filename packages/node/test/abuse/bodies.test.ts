import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { expectRefusal, request, type Target, target } from "./raw-socket.js";

let at: Target;
beforeAll(async () => {
  at = await target();
});
afterEach(() => at.expectAlive());
afterAll(() => at.close());

const HELLO = { messages: [{ role: "user", content: "Hello!" }] };
const MODEL = { id: "abused", provider: "openai", apiModelName: "x", layer: "L1" };

const post = (path: string, body: string, headers: Record<string, string> = {}) =>
  at.send(request(at.port, `POST ${path}`, headers, body));

describe.each(["/v1/chat/completions", "/v1/models"])("POST %s", (path) => {
  it.each([
    ["nothing", "", 415],
    ["white space", "  \r\n", 400],
    ["half an object", '{"messages":[', 400],
    ["a trailing comma", '{"messages":[],}', 400],
    ["a comment", "{} // a comment", 400],
    ["single quotes", "{'messages':[]}", 400],
    ["NaN", '{"temperature":NaN}', 400],
    ["hex", '{"temperature":0x10}', 400],
    ["two values", "{}{}", 400],
    ["null", "null", 400],
    ["true", "true", 400],
    ["a number", "7", 400],
    ["a string", '"messages"', 400],
    ["an array", "[]", 400],
    ["an object in an array", "[{}]", 400],
    ["an empty object", "{}", 400],
    ["a prototype", '{"__proto__":{"role":"admin"}}', 400],
    ["a prototype within", '{"messages":[{"role":"user","content":"a","__proto__":{}}]}', 400],
    ["a constructor alone", '{"constructor":{"prototype":{"role":"admin"}}}', 400],
    ["a raw control character", '{"a":"\u0001"}', 400],
    [
      "100,000 nested arrays",
      `{"messages":${"[".repeat(100_000)}${"]".repeat(100_000)}}`,
      path === "/v1/models" ? 413 : 400,
    ],
    ["100 nested objects", `{"messages":${'{"a":'.repeat(100)}1${"}".repeat(100)}}`, 400],
  ])("%s: refused", async (_what, body, status) => {
    expectRefusal(await post(path, body), status);
  });

  it.each([
    ["no content type", { "content-type": "" }],
    ["text", { "content-type": "text/plain" }],
    ["a form", { "content-type": "application/x-www-form-urlencoded" }],
    ["multipart", { "content-type": "multipart/form-data; boundary=a" }],
    ["a type that only begins like JSON", { "content-type": "application/jsonx" }],
    ["JSON lines", { "content-type": "application/x-ndjson" }],
    ["UTF-16", { "content-type": "application/json; charset=utf-16" }],
    ["two types", { "content-type": "application/json, text/plain" }],
    ["a tab and more", { "content-type": "application/json\ta" }],
    ["gzip", { "content-encoding": "gzip" }],
    ["a chain of codings", { "content-encoding": "gzip, gzip, gzip, br" }],
    ["identity", { "content-encoding": "identity" }],
  ])("%s: 415", async (_what, headers) => {
    expectRefusal(await post(path, JSON.stringify(HELLO), headers), 415);
  });

  it.each([
    ["a lone continuation byte", Buffer.from([0x7b, 0x22, 0x80, 0x22, 0x3a, 0x31, 0x7d])],
    ["an overlong slash", Buffer.from([0x7b, 0x22, 0xc0, 0xaf, 0x22, 0x3a, 0x31, 0x7d])],
    ["half a surrogate pair", Buffer.from([0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x3a, 0x31, 0x7d])],
    ["UTF-16 with its mark", Buffer.from("\uFEFF{}", "utf16le")],
  ])("%s is not UTF-8: 400", async (_what, body) => {
    const head = request(at.port, `POST ${path}`, {
      "content-type": "application/json",
      "content-length": String(body.length),
    });
    expectRefusal(await at.send(Buffer.concat([Buffer.from(head), body])), 400);
  });

  it("nothing, said to be JSON: 400", async () => {
    expectRefusal(await post(path, "", { "content-type": "application/json", "content-length": "0" }), 400);
  });

  it("chunks that never become JSON: 400", async () => {
    const headers = { "content-type": "application/json", "transfer-encoding": "chunked" };
    expectRefusal(await at.send(`${request(at.port, `POST ${path}`, headers)}2\r\n{"\r\n0\r\n\r\n`), 400);
  });
});

describe("the documented fields of a chat", () => {
  const wrong = [null, true, 0, -1, 1.5, "x", "", [], {}, [[]], [null], { a: 1 }] as const;
  const right: Readonly<Record<string, readonly string[]>> = {
    model: ["string"],
    messages: [],
    stream: ["boolean", "null"],
    temperature: ["number", "null"],
    max_tokens: ["number", "null"],
    max_completion_tokens: ["number", "null"],
    top_p: ["number", "null"],
    n: ["number", "null"],
    seed: ["number", "null"],
    frequency_penalty: ["number", "null"],
    presence_penalty: ["number", "null"],
    logprobs: ["boolean", "null"],
    top_logprobs: ["number", "null"],
    logit_bias: ["object", "null"],
    stop: ["string", "array", "null"],
    stream_options: ["object", "null"],
    tools: ["array", "null"],
    tool_choice: ["string", "object", "null"],
    parallel_tool_calls: ["boolean", "null"],
    functions: ["array", "null"],
    function_call: ["string", "object", "null"],
    response_format: ["null"],
    reasoning_effort: ["string", "null"],
    verbosity: ["string", "null"],
    modalities: ["array", "null"],
    audio: ["object", "null"],
    prediction: ["object", "null"],
    web_search_options: ["object", "null"],
    metadata: ["object", "null"],
    store: ["boolean", "null"],
    service_tier: ["string", "null"],
    user: ["string", "null"],
    safety_identifier: ["string", "null"],
    prompt_cache_key: ["string", "null"],
    sluice: ["object"],
  };
  const typeOf = (value: unknown) => (value === null ? "null" : Array.isArray(value) ? "array" : typeof value);

  it.each(Object.keys(right))("%s of every wrong type: 400, and named", async (field) => {
    for (const value of wrong.filter((each) => !right[field]?.includes(typeOf(each)))) {
      const answer = await post("/v1/chat/completions", JSON.stringify({ ...HELLO, [field]: value }));
      expectRefusal(answer, 400);
      expect(answer.text).toContain(`"details":"${field}`);
    }
  });

  it.each([
    ["messages[0].content", '{"messages":[{"role":"user"}]}'],
    ["messages[0].content", '{"messages":[{"role":"system","content":null}]}'],
    ["messages[0].content[0].text", '{"messages":[{"role":"user","content":[{"type":"text"}]}]}'],
    ["messages[0].content[0].text", '{"messages":[{"role":"user","content":[{"type":"text","text":7}]}]}'],
    ["messages[0].content[0].image_url", '{"messages":[{"role":"user","content":[{"type":"image_url"}]}]}'],
    [
      "messages[0].content[0].image_url.url",
      '{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{}}]}]}',
    ],
    [
      "messages[0].tool_calls[0].function",
      '{"messages":[{"role":"assistant","tool_calls":[{"id":"a","type":"function"}]}]}',
    ],
    ["tools[0].function", '{"messages":[{"role":"user","content":"a"}],"tools":[{"type":"function"}]}'],
    [
      "tools[0].function.name",
      '{"messages":[{"role":"user","content":"a"}],"tools":[{"type":"function","function":{"name":""}}]}',
    ],
    [
      "tools[0].function.parameters",
      '{"messages":[{"role":"user","content":"a"}],"tools":[{"type":"function","function":{"name":"a","parameters":[]}}]}',
    ],
  ])("%s is named where it is wrong or missing: %s", async (field, body) => {
    const answer = await post("/v1/chat/completions", body);
    expectRefusal(answer, 400);
    expect(answer.text).toContain(`"details":"${field}: `);
  });

  it.each([
    ["an endless temperature", '"temperature":1e999'],
    ["an endless limit", '"max_tokens":1e999'],
    ["half a token", '"max_tokens":0.5'],
    ["a negative limit", '"max_tokens":-1'],
    ["a temperature too high", '"temperature":2.1'],
    ["an unknown role", '"messages":[{"role":"root","content":"a"}]'],
    ["a message of null", '"messages":[null]'],
    ["a message that is text", '"messages":["Hello!"]'],
    ["content of a number", '"messages":[{"role":"user","content":7}]'],
    ["an unknown key of our own", '"sluice":{"layr":"L1"}'],
    ["an unknown layer", '"sluice":{"layer":"L9"}'],
  ])("%s: 400", async (_what, part) => {
    const body = part.includes("messages") ? `{${part}}` : `{"messages":[{"role":"user","content":"a"}],${part}}`;
    expectRefusal(await post("/v1/chat/completions", body), 400);
  });

  it("a model nobody knows: 404", async () => {
    expectRefusal(await post("/v1/chat/completions", JSON.stringify({ ...HELLO, model: "\u0000'; DROP TABLE" })), 404);
  });

  it("fields nobody knows, a constructor among them, do no harm", async () => {
    const body =
      '{"messages":[{"role":"user","content":"a"}],"constructor":{"prototype":{"x":1}},"hasOwnProperty":1,"toString":2}';
    expect((await post("/v1/chat/completions", body)).status).toBe(200);
    expect({}).not.toHaveProperty("x");
  });
});

describe("a model", () => {
  it("is not changed by any wrong body", async () => {
    expect((await post("/v1/models", JSON.stringify(MODEL))).status).toBe(201);
    const before = await at.send(request(at.port, "GET /v1/models/abused"));
    const bodies = [
      "",
      "[]",
      "null",
      "7",
      "{",
      '{"enabled":"no"}',
      '{"priority":"1"}',
      '{"priority":1e999}',
      '{"layer":"L7"}',
      '{"id":"b"}',
    ];
    for (const body of bodies) {
      expectRefusal(await at.send(request(at.port, "PUT /v1/models/abused", {}, body)), body === "" ? 415 : 400);
    }
    expect((await at.send(request(at.port, "GET /v1/models/abused"))).text).toBe(before.text);
  });

  it.each([
    ["id", 7],
    ["id", "a b"],
    ["id", "a\u0000"],
    ["id", "x".repeat(257)],
    ["provider", null],
    ["provider", "nobody"],
    ["apiModelName", {}],
    ["layer", 0],
    ["enabled", "true"],
    ["priority", "0"],
    ["relativeCost", "free"],
    ["relativeCost", -1],
    ["fallbacks", "a"],
    ["timeouts", { totalMs: -1 }],
    ["timeouts", { wrong: 1 }],
    ["price", {}],
  ])("with %s %j is not added: 400", async (field, value) => {
    expectRefusal(await post("/v1/models", JSON.stringify({ ...MODEL, id: "other", [field]: value })), 400);
    expectRefusal(await at.send(request(at.port, "GET /v1/models/other")), 404);
  });
});

describe("10,000 malformed bodies", () => {
  it("are all refused", async () => {
    const good = JSON.stringify(HELLO);
    const random = mulberry(20_251_205);
    const socketful = 100;
    for (let round = 0; round < 10_000 / socketful; round++) {
      const bodies = Array.from({ length: socketful }, () => broken(good, random));
      const statuses = await Promise.all(bodies.map(async (body) => (await post("/v1/chat/completions", body)).status));
      expect(statuses.filter((status) => status !== 400 && status !== 200)).toEqual([]);
    }
  }, 60_000);
});

/** A body with one to three bytes put in, taken out or replaced. */
function broken(body: string, random: () => number): string {
  let text = body;
  for (let edits = 1 + Math.floor(random() * 3); edits > 0; edits--) {
    const place = Math.floor(random() * text.length);
    const letter = String.fromCharCode(32 + Math.floor(random() * 95));
    text = text.slice(0, place) + (random() < 0.5 ? letter : "") + text.slice(place + (random() < 0.5 ? 1 : 0));
  }
  return text;
}

/** A small generator with a seed, so that a failure can be seen again. */
function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
