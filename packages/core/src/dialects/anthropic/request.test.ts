import { describe, expect, it } from "vitest";
import { type ChatInput, ChatRequest } from "../../schemas/chat.js";
import type { Model } from "../../schemas/model.js";
import type { ChatData } from "../model-call.js";
import { anthropicRequest } from "./request.js";
import { supportedSchema } from "./request-format.js";
import type { AnthropicVersion } from "./request-reasoning.js";

const MODEL: Model = {
  id: "claude",
  provider: "anthropic",
  apiModelName: "claude-x",
  layer: "L1",
  enabled: true,
  priority: 0,
  relativeCost: null,
  maxOutputTokens: 20_000,
  fallbacks: [],
  timeouts: {},
  created: 0,
};
const HI = [{ role: "user" as const, content: "Hi" }];
const PNG = "data:image/png;base64,iVBORw0KGgo=";

function translate(input: ChatInput | object, { model = MODEL, version = "2023-06-01" as AnthropicVersion } = {}) {
  const request = ChatRequest.parse({ messages: HI, ...input });
  const call: ChatData = { request, text: "", created: 1, id: "chatcmpl-1" };
  const { body, dropped } = anthropicRequest(call, model, version);
  return { body: JSON.parse(body), dropped };
}

const messagesOf = (messages: object[]) => translate({ messages }).body.messages;
const text = (content: string) => ({ type: "text", text: content });
const call = (id: string, args: string) => ({ id, type: "function", function: { name: "f", arguments: args } });

describe("messages", () => {
  it("joins the leading instructions as blocks and keeps their cache marks", () => {
    const marked = { type: "text", text: "B", cache_control: { type: "ephemeral" } };
    const { body } = translate({
      messages: [{ role: "system", content: "A" }, { role: "developer", content: [marked] }, ...HI],
    });
    expect(body.system).toEqual([text("A"), marked]);
    expect(body.messages).toEqual([{ role: "user", content: [text("Hi")] }]);
  });

  it("folds a later instruction into the next user turn", () => {
    const later = [...HI, { role: "assistant", content: "Yes?" }, { role: "system", content: "Be brief." }];
    expect(messagesOf([...later, { role: "user", content: "Why?" }]).at(-1)).toEqual({
      role: "user",
      content: [text("Be brief."), text("Why?")],
    });
    expect(messagesOf(later).at(-1)).toEqual({ role: "user", content: [text("Be brief.")] });
  });

  it("merges neighbours of one role, users and assistants", () => {
    const turns = messagesOf([
      ...HI,
      ...HI,
      { role: "assistant", content: "a" },
      { role: "assistant", content: "b" },
      ...HI,
    ]);
    expect(turns.map(({ role, content }: { role: string; content: object[] }) => [role, content.length])).toEqual([
      ["user", 2],
      ["assistant", 2],
      ["user", 1],
    ]);
  });

  it("begins with the user even when the assistant did", () => {
    expect(messagesOf([{ role: "assistant", content: "Welcome" }, ...HI])[0].role).toBe("user");
  });

  it("leaves out empty texts and trims the end of a prefilled answer", () => {
    const turns = messagesOf([
      { role: "user", content: [text(""), text("Hi")] },
      { role: "assistant", content: "It is \n" },
    ]);
    expect(turns).toEqual([
      { role: "user", content: [text("Hi")] },
      { role: "assistant", content: [text("It is")] },
    ]);
  });

  it("joins more parts than a function takes arguments", () => {
    const parts = Array.from({ length: 90_000 }, () => text("a"));
    const turns = messagesOf([
      { role: "user", content: parts },
      { role: "system", content: parts },
      { role: "system", content: parts },
      { role: "user", content: parts },
    ]);
    expect(turns).toHaveLength(1);
    expect(turns[0].content).toHaveLength(360_000);
  });

  it("takes the address of an image as a plain string too", () => {
    const [turn] = messagesOf([
      { role: "user", content: [{ type: "image_url", image_url: "https://example.com/a.png" }] },
    ]);
    expect(turn.content).toEqual([{ type: "image", source: { type: "url", url: "https://example.com/a.png" } }]);
  });

  it("groups tool results in one user turn, before its text", () => {
    const turns = messagesOf([
      ...HI,
      { role: "assistant", content: null, tool_calls: [call("a", '{"x":1}'), call("b.c", "")] },
      { role: "tool", tool_call_id: "a", content: "one" },
      { role: "tool", tool_call_id: "b.c", content: "" },
      { role: "user", content: "and now?" },
    ]);
    const [, assistant, user] = turns;
    expect(assistant.content).toEqual([
      { type: "tool_use", id: "a", name: "f", input: { x: 1 } },
      { type: "tool_use", id: expect.stringMatching(/^id_[0-9a-f]{32}$/), name: "f", input: {} },
    ]);
    expect(user.content).toEqual([
      { type: "tool_result", tool_use_id: "a", content: [text("one")] },
      { type: "tool_result", tool_use_id: assistant.content[1].id },
      text("and now?"),
    ]);
  });

  it("gives signed reasoning back as it was, first in its turn, and leaves unsigned out", () => {
    const signed = { type: "thinking", thinking: "hm", signature: "sig==" };
    const redacted = { type: "redacted_thinking", data: "xyz" };
    const unsigned = { type: "thinking", thinking: "hm" };
    const turns = messagesOf([
      ...HI,
      { role: "assistant", content: "a", thinking_blocks: [signed, unsigned, redacted] },
      ...HI,
    ]);
    expect(turns[1].content).toEqual([signed, redacted, text("a")]);
  });

  it("gives a refusal back as what the assistant said", () => {
    const messages = [...HI, { role: "assistant", content: null, refusal: "No." }, { role: "user", content: "Why?" }];
    expect(messagesOf(messages)[1]).toEqual({ role: "assistant", content: [text("No.")] });
  });

  it("sends images and documents, and fetches none", () => {
    const parts = [
      { type: "image_url", image_url: { url: PNG } },
      { type: "image_url", image_url: { url: "https://example.com/a.png", detail: "low" } },
      { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,JVBERi0=" } },
    ];
    expect(messagesOf([{ role: "user", content: parts }])[0].content).toEqual([
      { type: "image", source: { type: "base64", media_type: "image/png", data: "iVBORw0KGgo=" } },
      { type: "image", source: { type: "url", url: "https://example.com/a.png" } },
      { type: "document", source: { type: "base64", media_type: "application/pdf", data: "JVBERi0=" }, title: "a.pdf" },
    ]);
  });

  it("calls an image what it is, whatever the caller calls it", () => {
    const sources = [
      ["/9j/4AAQSkZJRgABAQ==", "image/jpeg"],
      ["iVBORw0KGgo=", "image/png"],
      ["R0lGODlhAQABAAAAACw=", "image/gif"],
      ["UklGRhIAAABXRUJQVlA4", "image/webp"],
      ["AAAA", "image/webp"],
    ];
    const content = sources.map(([data]) => ({
      type: "image_url",
      image_url: { url: `data:image/webp;base64,${data}` },
    }));
    const blocks: { source: { media_type: string } }[] = messagesOf([{ role: "user", content }])[0].content;
    expect(blocks.map(({ source }) => source.media_type)).toEqual(sources.map(([, type]) => type));
  });

  it("takes an image of five megabytes, and none that is larger", () => {
    const image = (bytes: number) => [
      {
        role: "user",
        content: [
          { type: "image_url", image_url: { url: `data:image/png;base64,${Buffer.alloc(bytes).toString("base64")}` } },
        ],
      },
    ];
    expect(messagesOf(image(5 * 1024 * 1024))).toHaveLength(1);
    const param = "messages[0].content[0].image_url.url";
    expect(() => messagesOf(image(5 * 1024 * 1024 + 4))).toThrow(
      expect.objectContaining({ param, details: `${param}: must be at most 5 MiB for this model` }),
    );
  });

  it.each([
    [
      [{ role: "user", content: [{ type: "image_url", image_url: { url: "data:image/png;base64,not base64!" } }] }],
      "messages[0].content[0].image_url.url",
    ],
    [[{ role: "user", content: " " }], "messages"],
    [[{ role: "user", content: [{ type: "input_audio", input_audio: {} }] }], "messages[0].content[0].type"],
    [
      [{ role: "user", content: [{ type: "image_url", image_url: { url: "http://x/a.png" } }] }],
      "messages[0].content[0].image_url.url",
    ],
    [
      [{ role: "user", content: [{ type: "image_url", image_url: { url: "data:image/bmp;base64,AA==" } }] }],
      "messages[0].content[0].image_url.url",
    ],
    [[{ role: "user", content: [{ type: "file", file: { file_id: "f" } }] }], "messages[0].content[0].file"],
    [[...HI, { role: "assistant", tool_calls: [call("a", "{oops")] }], "messages[1].tool_calls[0].function.arguments"],
    [[...HI, { role: "assistant", tool_calls: [call("a", "[1]")] }], "messages[1].tool_calls[0].function.arguments"],
    [[...HI, { role: "assistant", tool_calls: [call("a", "{}")] }, ...HI], "messages[1].tool_calls"],
    [[...HI, { role: "tool", tool_call_id: "x", content: "?" }], "messages[1].tool_call_id"],
    [[{ role: "function", name: "f", content: "?" }], "messages[0].role"],
    [[...HI, { role: "assistant", function_call: { name: "f", arguments: "{}" } }], "messages[1].function_call"],
  ])("refuses %j naming %s", (messages, param) => {
    expect(() => translate({ messages })).toThrow(expect.objectContaining({ code: "invalid_request", param }));
  });
});

describe("parameters", () => {
  it.each([
    [{}, 20_000],
    [{ max_tokens: 5 }, 5],
    [{ max_tokens: 5, max_completion_tokens: 7 }, 7],
  ])("max_tokens of %o is %i", (input, expected) => expect(translate(input).body.max_tokens).toBe(expected));

  it("has a default for a model whose cap is unknown", () => {
    const { maxOutputTokens: _, ...model } = MODEL;
    expect(translate({}, { model }).body.max_tokens).toBe(8_192);
  });

  it.each([
    ["2023-06-01", { temperature: 0, top_p: 0.5, top_k: 3 }, { temperature: 0, top_p: 0.5, top_k: 3 }, []],
    ["2023-06-01", { temperature: 1.7 }, { temperature: 1 }, ["temperature"]],
    ["2026-10-21", { temperature: 0, top_p: 0.5 }, {}, ["temperature", "top_p"]],
    ["2023-06-01", { temperature: 0.3, reasoning_effort: "low" }, {}, ["temperature"]],
  ] as const)("sampling under %s: %o", (version, input, expected, dropped) => {
    const translated = translate(input, { version });
    const { temperature, top_p, top_k } = translated.body;
    expect({ temperature, top_p, top_k }).toEqual({
      temperature: undefined,
      top_p: undefined,
      top_k: undefined,
      ...expected,
    });
    expect(translated.dropped).toEqual(dropped);
  });

  it.each([
    ["2023-06-01", { reasoning_effort: "low" }, { type: "enabled", budget_tokens: 2_048 }, undefined],
    [
      "2023-06-01",
      { reasoning_effort: "high", max_tokens: 3_000 },
      { type: "enabled", budget_tokens: 2_744 },
      undefined,
    ],
    ["2023-06-01", { reasoning_effort: "none" }, undefined, undefined],
    ["2026-10-21", { reasoning_effort: "high" }, { type: "adaptive" }, { effort: "high" }],
    [
      "2023-06-01",
      { thinking: { type: "enabled", budget_tokens: 5_000 } },
      { type: "enabled", budget_tokens: 5_000 },
      undefined,
    ],
  ] as const)("reasoning under %s: %o", (version, input, thinking, output) => {
    const { body } = translate(input, { version });
    expect(body.thinking).toEqual(thinking);
    expect(body.output_config).toEqual(output);
  });

  it.each(["on", true, 5, []])("refuses %j in the place of thinking", (thinking) => {
    expect(() => translate({ thinking })).toThrow(expect.objectContaining({ param: "thinking" }));
  });

  it("does not begin to reason within a turn, where the API refuses it", () => {
    const calls = { role: "assistant", content: null, tool_calls: [call("a", "{}")] };
    const result = { role: "tool", tool_call_id: "a", content: "one" };
    const thought = { type: "thinking", thinking: "hm", signature: "s" };
    const asked = (...messages: object[]) => ({ reasoning_effort: "low", messages: [...HI, ...messages] });
    const bare = translate(asked(calls, result));
    expect(bare.body.thinking).toBeUndefined();
    expect(bare.dropped).toEqual(["reasoning_effort"]);
    const reasoned = translate(asked({ ...calls, thinking_blocks: [thought] }, result));
    expect(reasoned.body.thinking).toMatchObject({ type: "enabled" });
    const over = translate(asked(calls, result, { role: "assistant", content: "Done" }, ...HI));
    expect(over.body.thinking).toMatchObject({ type: "enabled" });
    expect(translate(asked(calls, result), { version: "2026-10-21" }).body.thinking).toEqual({ type: "adaptive" });
  });

  it("reports what it cannot meet", () => {
    expect(translate({ reasoning_effort: "high", max_tokens: 100 }).dropped).toEqual(["reasoning_effort"]);
    const forced = {
      tools: [{ type: "function", function: { name: "f" } }],
      tool_choice: "required",
      reasoning_effort: "low",
    };
    expect(translate(forced).dropped).toEqual(["reasoning_effort"]);
    expect(
      translate({ seed: 1, logit_bias: { 1: 2 }, logprobs: false, presence_penalty: 0, frequency_penalty: 1 }).dropped,
    ).toEqual(expect.arrayContaining(["seed", "logit_bias", "frequency_penalty"]));
    expect(translate({ logprobs: false, presence_penalty: 0 }).dropped).toEqual([]);
    expect(translate({ messages: [{ ...HI[0], name: "bob" }] }).dropped).toEqual(["messages.name"]);
  });

  it("reports a stop sequence of white space, which the API refuses", () => {
    expect(translate({ stop: ["a", "\n"] })).toMatchObject({ body: { stop_sequences: ["a"] }, dropped: ["stop"] });
    expect(translate({ stop: "a" }).dropped).toEqual([]);
  });

  it("keeps sampling parameters where the caller switched thinking off", () => {
    const off = { thinking: { type: "disabled" }, temperature: 0.3 };
    expect(translate(off)).toMatchObject({ body: off, dropped: [] });
    const forced = { tools: [{ type: "function", function: { name: "f" } }], tool_choice: "required", ...off };
    expect(translate(forced).dropped).toEqual([]);
  });

  it("maps tools and the choice among them", () => {
    const tools = [
      {
        type: "function",
        function: { name: "f", description: "d", parameters: { type: "object", properties: { a: {} } } },
      },
      { type: "function", function: { name: "g" } },
    ];
    const { body } = translate({ tools });
    expect(body.tools).toEqual([
      { name: "f", description: "d", input_schema: { type: "object", properties: { a: {} } } },
      { name: "g", input_schema: { type: "object", properties: {} } },
    ]);
    expect(body.tool_choice).toBeUndefined();
    const chosen = (more: object) => translate({ tools, ...more }).body.tool_choice;
    expect(chosen({ tool_choice: "auto" })).toEqual({ type: "auto" });
    expect(chosen({ tool_choice: "none" })).toEqual({ type: "none" });
    expect(chosen({ tool_choice: "required" })).toEqual({ type: "any" });
    expect(chosen({ tool_choice: { type: "function", function: { name: "g" } } })).toEqual({ type: "tool", name: "g" });
    expect(chosen({ parallel_tool_calls: false })).toEqual({ type: "auto", disable_parallel_tool_use: true });
    expect(chosen({ tool_choice: "required", parallel_tool_calls: false })).toEqual({
      type: "any",
      disable_parallel_tool_use: true,
    });
    expect(() => chosen({ tool_choice: "sometimes" })).toThrow(expect.objectContaining({ param: "tool_choice" }));
    expect(() => translate({ tools: [{ type: "custom" }] })).toThrow(
      expect.objectContaining({ param: "tools[0].type" }),
    );
  });

  it("maps stop, user, stream and the rest", () => {
    expect(translate({ stop: "END" }).body.stop_sequences).toEqual(["END"]);
    expect(translate({ stop: ["a", "\n", "b"] }).body.stop_sequences).toEqual(["a", "b"]);
    expect(translate({ user: "alice" }).body.metadata.user_id).toMatch(/^[0-9a-f]{64}$/);
    expect(translate({ stream: true, stream_options: { include_usage: true } })).toMatchObject({
      body: { stream: true },
      dropped: [],
    });
    expect(translate({ model: "auto", sluice: { tags: ["x"] } }).body).toEqual({
      model: "claude-x",
      max_tokens: 20_000,
      messages: [{ role: "user", content: [text("Hi")] }],
    });
    expect(() => translate({ n: 2 })).toThrow(expect.objectContaining({ param: "n" }));
  });

  it("says what of a wanted schema nobody holds the answer to", () => {
    const properties = {
      age: { type: "integer", minimum: 0 },
      name: { type: "string", pattern: "^[A-Z]", minLength: 1 },
    };
    const response_format = { type: "json_schema", json_schema: { name: "x", schema: { type: "object", properties } } };
    expect(translate({ response_format }).dropped).toEqual(["response_format.pattern"]);
    expect(translate({ response_format, stream: true }).dropped).toEqual([
      "response_format.minimum",
      "response_format.pattern",
      "response_format.minLength",
    ]);
    const plain = { type: "json_schema", json_schema: { name: "x", schema: { type: "object" } } };
    expect(translate({ response_format: plain, stream: true }).dropped).toEqual([]);
  });

  it("says what stands deeper in the request and has no form", () => {
    const image = (detail?: string) => [
      { role: "user", content: [{ type: "image_url", image_url: { url: PNG, ...(detail ? { detail } : {}) } }] },
    ];
    expect(translate({ messages: image("high") }).dropped).toEqual(["messages.content.image_url.detail"]);
    expect(translate({ messages: image("auto") }).dropped).toEqual([]);
    expect(translate({ messages: image() }).dropped).toEqual([]);
    const tools = (strict?: boolean) => [
      { type: "function", function: { name: "f", ...(strict === undefined ? {} : { strict }) } },
    ];
    expect(translate({ tools: tools(true) }).dropped).toEqual(["tools.function.strict"]);
    expect(translate({ tools: tools(false) }).dropped).toEqual([]);
    expect(translate({ tools: tools() }).dropped).toEqual([]);
  });

  it("maps a wanted schema, less what the API refuses", () => {
    const schema = {
      type: "object",
      properties: {
        age: { type: "integer", minimum: 0, description: "Years" },
        minimum: { type: "string", pattern: "^a" },
      },
    };
    const { body } = translate({ response_format: { type: "json_schema", json_schema: { name: "x", schema } } });
    expect(body.output_config.format).toEqual({
      type: "json_schema",
      schema: {
        type: "object",
        additionalProperties: false,
        properties: {
          age: { type: "integer", description: "Years (minimum: 0)" },
          minimum: { type: "string", description: '(pattern: "^a")' },
        },
      },
    });
    expect(translate({ response_format: { type: "json_object" } }).dropped).toEqual([]);
    expect(translate({ response_format: { type: "json_object" } }).body.system[0].text).toMatch(/JSON object/);
    expect(supportedSchema({ anyOf: [{ type: "array", items: { type: "object" }, minItems: 2 }] })).toEqual({
      anyOf: [{ type: "array", items: { type: "object", additionalProperties: false }, description: "(minItems: 2)" }],
    });
  });
});
