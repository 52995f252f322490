import { fakeClock, type RecordingReceiver, recordingReceiver, sseJson } from "@sluice/testkit";
import { describe, expect, it } from "vitest";
import { simulator } from "./simulator.js";

type Fields = Readonly<Record<string, unknown>>;

const clock = fakeClock();

function start(content: string, fields: Fields = {}, on = clock): RecordingReceiver {
  const receiver = recordingReceiver();
  const messages = fields.messages ?? [{ role: "user", content }];
  const body = JSON.stringify({ model: "simulator", ...fields, messages });
  const provider = simulator("simulator", {}, { clock: on });
  provider.send({ operation: "chat", model: "simulator", stream: fields.stream === true, body }, receiver);
  return receiver;
}

async function ask(content: string, fields: Fields = {}) {
  const receiver = start(content, fields);
  await receiver.ended;
  const body = JSON.parse(receiver.text);
  const choice = body.choices?.[0];
  return { status: receiver.status, body, choice, text: choice?.message.content, calls: choice?.message.tool_calls };
}

async function chunks(content: string, fields: Fields = {}) {
  const receiver = start(content, { stream: true, ...fields });
  await receiver.ended;
  // Read in a test: the fields asked for are known to be there.
  return {
    receiver,
    events: sseJson(receiver.text) as { choices: { delta: Fields; index: number }[]; usage?: unknown }[],
  };
}

function tool(name: string, properties: Fields = {}, required: readonly string[] = Object.keys(properties)) {
  return { type: "function", function: { name, parameters: { type: "object", properties, required } } };
}

const weather = tool(
  "get_weather",
  { city: { type: "string" }, unit: { type: "string", enum: ["celsius", "fahrenheit"] }, days: { type: "integer" } },
  ["city"],
);
const time = tool("get_time", { zone: { type: "string", default: "UTC" } });

describe("simulator", () => {
  it("says what it is and repeats what it was told", async () => {
    const { text, body, choice } = await ask("Hello there");
    expect(text).toBe("I am Sluice's built-in simulator, not a language model. You said: “Hello there”");
    expect(choice.finish_reason).toBe("stop");
    expect(body.usage).toEqual({ prompt_tokens: 7, completion_tokens: 17, total_tokens: 24 });
  });

  it("gives equal answers to equal requests", async () => {
    expect((await ask("Hello")).body).toEqual((await ask("Hello")).body);
    expect((await ask("Hello")).body.id).not.toBe((await ask("Bye")).body.id);
  });

  it("streams the same words", async () => {
    const { receiver, events } = await chunks("Hello there", { stream_options: { include_usage: true } });
    const { text, body } = await ask("Hello there");
    expect(events.map(({ choices }) => choices[0]?.delta.content ?? "").join("")).toBe(text);
    expect(events.length).toBeGreaterThan(10);
    expect(events.at(-1)).toMatchObject({ choices: [], usage: body.usage });
    expect(events.slice(0, -1).every(({ usage }) => usage === null)).toBe(true);
    expect(receiver.text.endsWith("data: [DONE]\n\n")).toBe(true);
    expect((await chunks("Hello")).events.some((event) => "usage" in event)).toBe(false);
  });

  it("keeps to max_tokens, stop and n", async () => {
    const short = await ask("Hello", { max_tokens: 3 });
    expect(short.choice.finish_reason).toBe("length");
    expect(short.body.usage.completion_tokens).toBe(3);
    expect((await ask("Hello", { stop: ["zzz", ", not"] })).text).toBe("I am Sluice's built-in simulator");
    const three = await ask("Hello", { n: 3 });
    expect(new Set(three.body.choices.map((choice: { message: Fields }) => choice.message.content)).size).toBe(3);
    expect((await chunks("Hello", { n: 2 })).events.some(({ choices }) => choices[0]?.index === 1)).toBe(true);
  });

  it("refuses what is no request", async () => {
    expect(await ask("", { messages: [] })).toMatchObject({ status: 400, body: { error: { param: "messages" } } });
    expect((await ask("x", { tool_choice: "required" })).status).toBe(400);
    const receiver = recordingReceiver();
    const call = { operation: "chat", model: "m", stream: false, body: "{" } as const;
    simulator("simulator", {}, { clock }).send(call, receiver);
    await receiver.ended;
    expect(receiver.status).toBe(400);
  });
});

describe("simulator's tools", () => {
  it("calls a tool that the message names, with what the message says", async () => {
    const { choice, text, calls } = await ask("Use get_weather for New York in fahrenheit, days: 3", {
      tools: [weather],
    });
    expect(choice.finish_reason).toBe("tool_calls");
    expect(text).toBeNull();
    expect(calls).toHaveLength(1);
    expect(JSON.parse(calls[0].function.arguments)).toEqual({ city: "New York", unit: "fahrenheit", days: 3 });
  });

  it("calls several at once unless that is forbidden", async () => {
    const tools = [weather, time];
    const both = await ask("get_time and get_weather in Oslo", { tools });
    expect(both.calls.map((call: { function: Fields }) => call.function.name)).toEqual(["get_time", "get_weather"]);
    expect(JSON.parse(both.calls[0].function.arguments)).toEqual({ zone: "UTC" });
    expect((await ask("get_time and get_weather", { tools, parallel_tool_calls: false })).calls).toHaveLength(1);
  });

  it("follows tool_choice", async () => {
    const tools = [weather, time];
    expect((await ask("get_time", { tools, tool_choice: "none" })).calls).toBeUndefined();
    expect((await ask("Hello", { tools })).calls).toBeUndefined();
    expect((await ask("Hello", { tools, tool_choice: "required" })).calls[0].function.name).toBe("get_weather");
    const named = { type: "function", function: { name: "get_time" } };
    expect((await ask("Hello", { tools, tool_choice: named })).calls[0].function.name).toBe("get_time");
  });

  it("streams a call as the whole answer has it", async () => {
    const fields = { tools: [weather] };
    const { calls } = await ask("get_weather in Rome", fields);
    const { events } = await chunks("get_weather in Rome", fields);
    // Read in a test, as above.
    const deltas = events.flatMap(({ choices }) => (choices[0]?.delta.tool_calls ?? []) as { function: Fields }[]);
    expect(deltas.map((delta) => delta.function.arguments).join("")).toBe(calls[0].function.arguments);
    expect(deltas[0]).toMatchObject({ index: 0, type: "function", function: { name: "get_weather", arguments: "" } });
  });

  it("tells a tool's result", async () => {
    const messages = [
      { role: "user", content: "get_weather in Rome" },
      {
        role: "assistant",
        content: null,
        tool_calls: [{ id: "c", type: "function", function: { name: "get_weather", arguments: "{}" } }],
      },
      { role: "tool", tool_call_id: "c", content: '{"sky":"clear"}' },
    ];
    const { text, calls } = await ask("", { messages, tools: [weather], tool_choice: "required" });
    expect(calls).toBeUndefined();
    expect(text).toContain('get_weather returned: {"sky":"clear"}');
  });

  it("answers in JSON where it is asked to", async () => {
    expect(JSON.parse((await ask("Hi", { response_format: { type: "json_object" } })).text)).toMatchObject({
      simulated: true,
    });
    const schema = { type: "object", properties: { age: { type: "integer", minimum: 18 } }, required: ["age"] };
    const format = { type: "json_schema", json_schema: { name: "person", schema, strict: true } };
    expect(JSON.parse((await ask("He is 44", { response_format: format })).text)).toEqual({ age: 44 });
  });
});

describe("simulator and hostile requests", () => {
  const inSchema = (schema: unknown) => ({
    response_format: { type: "json_schema", json_schema: { name: "s", schema } },
  });
  const result = { role: "tool", tool_call_id: "c", content: "" };

  it.each<readonly [string, Fields]>([
    ["a class of characters that is none", inSchema({ type: "string", pattern: "[z-a]" })],
    ["a hundred thousand results", { messages: [...Array(100_000).keys()].map(() => result) }],
    [
      "a long constant in very many places",
      inSchema({
        type: "array",
        minItems: 100,
        items: { type: "array", minItems: 100, items: { const: "x".repeat(900_000) } },
      }),
    ],
    [
      "very many names that hold very many names",
      inSchema({
        required: [...Array(50_000).keys()],
        additionalProperties: { required: [...Array(50_000).keys()], additionalProperties: {} },
      }),
    ],
  ])("answers %s in no time and in few words", async (_what, fields) => {
    const { status, body } = await ask("Hi", fields);
    expect(status).toBe(200);
    expect(JSON.stringify(body).length).toBeLessThan(3_000_000);
  });

  it("refuses a tool without a name, and more tools than OpenAI takes", async () => {
    expect((await ask("Hi", { tools: [tool("")] })).status).toBe(400);
    const tools = Array.from({ length: 129 }, (_, index) => tool(`t${index}`));
    expect(await ask("Hi", { tools })).toMatchObject({ status: 400, body: { error: { param: "tools" } } });
  });
});

describe("simulator's directives", () => {
  it("answers with a status", async () => {
    const receiver = start("[[simulate: status=429 retry-after=2]]");
    await receiver.ended;
    expect(receiver.status).toBe(429);
    expect(receiver.headers["retry-after"]).toBe("2");
    expect(JSON.parse(receiver.text).error.code).toBe("rate_limit_exceeded");
  });

  it("is not slowed down by a message full of beginnings", async () => {
    const { status } = await ask("[[simulate:".repeat(1_000_000));
    expect(status).toBe(200);
  });

  it.each(["colour=red", "status=200", "latency=soon", "hang=1", "tokens"])(
    "refuses %s and names it",
    async (directive) => {
      const { status, body } = await ask(`[[simulate: ${directive}]]`);
      expect(status).toBe(400);
      expect(body.error.message).toContain(`"${directive.split("=")[0]}"`);
      expect(body.error.param).toBe("messages[0].content");
    },
  );

  it("waits by the clock", async () => {
    const on = fakeClock();
    const receiver = start("[[simulate: latency=500 tokens=3 interval=20]]", { stream: true }, on);
    await receiver.started;
    on.advance(499);
    expect(receiver.log).toEqual(["start"]);
    on.advance(1);
    expect(sseJson(receiver.text)).toHaveLength(2);
    on.advance(20);
    expect(sseJson(receiver.text)).toHaveLength(3);
    on.advance(20);
    expect(await receiver.ended).toBe("end");
    expect(on.pending).toBe(0);
  });

  it("leaves no timer behind when it is aborted", async () => {
    const on = fakeClock();
    const receiver = start("[[simulate: latency=500]]", {}, on);
    (await receiver.started).abort(new Error("enough"));
    expect(await receiver.ended).toBe("error");
    expect(on.pending).toBe(0);
  });

  it.each([0, 2])("dies after %i words", async (words) => {
    const { receiver, events } = await chunks(`[[simulate: fail-after=${words}]]`);
    expect(await receiver.ended).toBe("error");
    expect(events).toHaveLength(1 + words);
    expect(receiver.cause).toMatchObject({ code: "ECONNRESET" });
  });

  it("sends an error in the stream, or in the place of an answer", async () => {
    const { receiver, events } = await chunks("[[simulate: error-frame-after=2]]");
    expect(events.at(-1)).toEqual({ error: expect.objectContaining({ code: "simulated_failure" }) });
    expect(receiver.text).not.toContain("[DONE]");
    expect(await ask("[[simulate: error-frame-after=2]]")).toMatchObject({
      status: 200,
      body: { error: { code: "simulated_failure" } },
    });
  });

  it("counts the tokens it was asked for", async () => {
    const { body, text } = await ask("[[simulate: tokens=200]]");
    expect(body.usage.completion_tokens).toBe(200);
    expect(text).toContain("one two three");
    expect((await chunks("[[simulate: tokens=200]]")).events).toHaveLength(202);
  });

  it("is refused as nothing listened there", async () => {
    const receiver = start("[[simulate: refuse]]");
    expect(await receiver.ended).toBe("error");
    expect(receiver.log).toEqual(["error"]);
  });
});
