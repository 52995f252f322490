import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ChatRequest } from "../../schemas/chat.js";
import { ChatCompletion, ChatCompletionChunk } from "../../schemas/chat-completion.js";
import type { Model } from "../../schemas/model.js";
import type { Provider } from "../../spec/provider.js";
import type { ChatData } from "../model-call.js";
import { SseSplitter } from "../sse-splitter.js";
import type { Step, StreamReader } from "../upstream-call.js";
import { AnthropicChat } from "./anthropic-chat.js";

const provider = { dialect: "anthropic" } as Provider; // the rest is not read
const model = { id: "claude", apiModelName: "claude-x" } as Model; // the rest is not read
const USAGE = { input_tokens: 10, output_tokens: 7 };

function chat(more: object = {}): AnthropicChat {
  const request = ChatRequest.parse({ messages: [{ role: "user", content: "Hi" }], ...more });
  const data: ChatData = { request, text: "", created: 1_700_000_000, id: "chatcmpl-1" };
  return new AnthropicChat(data, model, provider);
}

function answer(content: object[], more: object = {}, asked: object = {}) {
  const message = {
    type: "message",
    id: "msg_1",
    model: "claude-x-1",
    role: "assistant",
    content,
    stop_reason: "end_turn",
    usage: USAGE,
    ...more,
  };
  const read = chat(asked).answer(Buffer.from(JSON.stringify(message)));
  return { completion: ChatCompletion.parse(JSON.parse(String(read.body))), usage: read.usage };
}

interface Streamed {
  readonly steps: readonly Step[];
  readonly chunks: readonly ChatCompletionChunk[];
  readonly text: string;
  readonly usage: unknown;
}

function stream(events: readonly object[], more: object = { stream_options: { include_usage: true } }): Streamed {
  const reader = chat({ stream: true, ...more }).stream("text/event-stream") as StreamReader;
  const splitter = new SseSplitter();
  const steps: Step[] = [];
  for (const event of events) {
    const name = (event as { type: string }).type;
    splitter.push(Buffer.from(`event: ${name}\ndata: ${JSON.stringify(event)}\n\n`), (each) =>
      steps.push(reader.read(each)),
    );
  }
  const text = steps.map(({ frame }) => (typeof frame === "string" ? frame : "")).join("");
  const data = text.split("\n\n").filter((each) => each.startsWith("data: {"));
  return {
    steps,
    chunks: data.map((each) => ChatCompletionChunk.parse(JSON.parse(each.slice(6)))),
    text,
    usage: reader.usage,
  };
}

const start = (usage: object = USAGE) => ({
  type: "message_start",
  message: { id: "msg_1", model: "claude-x-1", usage },
});
const stopWith = (reason: string, usage: object = { output_tokens: 7 }) => [
  { type: "message_delta", delta: { stop_reason: reason }, usage },
  { type: "message_stop" },
];

function block(index: number, opening: object, deltas: readonly object[]): object[] {
  return [
    { type: "content_block_start", index, content_block: opening },
    ...deltas.map((delta) => ({ type: "content_block_delta", index, delta })),
    { type: "content_block_stop", index },
  ];
}

/** Puts chunks together as clients do. */
function assembled(chunks: readonly ChatCompletionChunk[]) {
  const calls: { id?: string; name?: string; arguments: string }[] = [];
  let content = "";
  let finish: string | null = null;
  for (const chunk of chunks) {
    const choice = chunk.choices[0];
    content += choice?.delta.content ?? "";
    finish = choice?.finish_reason ?? finish;
    for (const delta of choice?.delta.tool_calls ?? []) {
      const call = calls[delta.index] ?? { arguments: "" };
      calls[delta.index] = call;
      if (delta.id) call.id = delta.id;
      if (delta.function?.name) call.name = delta.function.name;
      call.arguments += delta.function?.arguments ?? "";
    }
  }
  return { content, calls, finish };
}

describe("a whole answer", () => {
  it("becomes a completion", () => {
    const { completion, usage } = answer([
      { type: "text", text: "Hel" },
      { type: "text", text: "lo" },
    ]);
    expect(completion).toMatchObject({
      id: "msg_1",
      object: "chat.completion",
      created: 1_700_000_000,
      model: "claude-x-1",
      choices: [
        {
          index: 0,
          logprobs: null,
          finish_reason: "stop",
          message: { role: "assistant", content: "Hello", refusal: null },
        },
      ],
      usage: { prompt_tokens: 10, completion_tokens: 7, total_tokens: 17 },
    });
    expect(usage).toEqual({ input: 10, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 7, reasoning: 0 });
  });

  it("keeps tool calls in order, and says tool_calls whatever the stop reason but length", () => {
    const calls = [
      { type: "tool_use", id: "a", name: "f", input: {} },
      { type: "tool_use", id: "b", name: "g", input: { x: [1] } },
    ];
    const { completion } = answer(calls, { stop_reason: "end_turn" });
    expect(completion.choices[0]).toMatchObject({
      finish_reason: "tool_calls",
      message: {
        content: null,
        tool_calls: [
          { id: "a", type: "function", function: { name: "f", arguments: "{}" } },
          { id: "b", type: "function", function: { name: "g", arguments: '{"x":[1]}' } },
        ],
      },
    });
    expect(answer(calls, { stop_reason: "max_tokens" }).completion.choices[0]?.finish_reason).toBe("length");
  });

  it.each([
    ["end_turn", "stop"],
    ["stop_sequence", "stop"],
    ["pause_turn", "stop"],
    ["max_tokens", "length"],
    ["model_context_window_exceeded", "length"],
    ["something_new", "stop"],
  ])("%s is %s", (stop_reason, expected) => {
    expect(answer([{ type: "text", text: "x" }], { stop_reason }).completion.choices[0]?.finish_reason).toBe(expected);
  });

  it.each([{ type: "json_object" }, { type: "json_schema", json_schema: { name: "x", schema: { type: "object" } } }])(
    "is none where JSON was asked for and other text came ($type)",
    (response_format) => {
      const asked = { response_format };
      const prose = [{ type: "text", text: "Sure! Here is your JSON." }];
      expect(() => answer(prose, {}, asked)).toThrow(expect.objectContaining({ code: "upstream_failed" }));
      expect(answer([{ type: "text", text: '{"a":1}' }], {}, asked).completion.choices[0]?.message.content).toBe(
        '{"a":1}',
      );
      const cut = [{ type: "text", text: '{"a":' }];
      expect(answer(cut, { stop_reason: "max_tokens" }, asked).completion.choices[0]?.finish_reason).toBe("length");
      expect(answer([], { stop_reason: "refusal" }, asked).completion.choices[0]?.finish_reason).toBe("content_filter");
    },
  );

  it.each(["[1]", "7", "null"])("is none where an object was asked for and %s came", (text) => {
    const asked = { response_format: { type: "json_object" } };
    expect(() => answer([{ type: "text", text }], {}, asked)).toThrow(
      expect.objectContaining({ code: "upstream_failed" }),
    );
  });

  it("is none where it fits the wanted schema only as far as the API sees to it", () => {
    const schema = { type: "object", properties: { age: { type: "integer", minimum: 18 } } };
    const asked = { response_format: { type: "json_schema", json_schema: { name: "x", schema } } };
    const said = (age: number) => [{ type: "text", text: JSON.stringify({ age }) }];
    expect(() => answer(said(7), {}, asked)).toThrow(
      expect.objectContaining({
        code: "upstream_failed",
        details: "answered outside the wanted schema: $.age minimum",
      }),
    );
    expect(answer(said(18), {}, asked).completion.choices[0]?.message.content).toBe('{"age":18}');
  });

  it("says a refusal as one", () => {
    const { completion } = answer([], { stop_reason: "refusal" });
    expect(completion.choices[0]).toMatchObject({
      finish_reason: "content_filter",
      message: { content: null, refusal: expect.any(String) },
    });
  });

  it("hands reasoning on, with the blocks to send back", () => {
    const thinking = [
      { type: "thinking", thinking: "hm", signature: "s==" },
      { type: "redacted_thinking", data: "r" },
    ];
    const { completion } = answer([...thinking, { type: "text", text: "x" }]);
    expect(completion.choices[0]?.message).toMatchObject({
      reasoning_content: "hm",
      thinking_blocks: thinking,
      content: "x",
    });
  });

  it("counts cached tokens once, in buckets of their own", () => {
    const { completion, usage } = answer([{ type: "text", text: "x" }], {
      usage: {
        input_tokens: 3,
        cache_read_input_tokens: 100,
        cache_creation_input_tokens: 50,
        cache_creation: { ephemeral_5m_input_tokens: 20, ephemeral_1h_input_tokens: 10 },
        output_tokens: 9,
        output_tokens_details: { thinking_tokens: 4 },
      },
    });
    expect(usage).toEqual({ input: 3, cacheRead: 100, cacheWrite5m: 40, cacheWrite1h: 10, output: 9, reasoning: 4 });
    expect(completion.usage).toMatchObject({
      prompt_tokens: 153,
      completion_tokens: 9,
      prompt_tokens_details: { cached_tokens: 100 },
      completion_tokens_details: { reasoning_tokens: 4 },
    });
  });

  it.each([
    "<html>",
    '{"type":"message"',
    "{}",
    '{"type":"message","id":"x"}',
    "[]",
    '{"type":"error","error":{"type":"overloaded_error","message":"busy"}}',
  ])("%s is a failure", (bytes) => {
    expect(() => chat().answer(Buffer.from(bytes))).toThrow(expect.objectContaining({ name: "UpstreamFailure" }));
  });
});

describe("a stream", () => {
  it("begins without output and ends with finish, usage and [DONE]", () => {
    const { steps, text, chunks } = stream([
      start(),
      { type: "ping" },
      ...block(0, { type: "text", text: "" }, [{ type: "text_delta", text: "Hi" }]),
      ...stopWith("end_turn"),
    ]);
    expect(steps.map(({ kind }) => kind)).toEqual(["meta", "meta", "meta", "output", "meta", "meta", "end"]);
    expect(chunks[0]?.choices[0]?.delta).toMatchObject({ role: "assistant" });
    expect(assembled(chunks)).toEqual({ content: "Hi", calls: [], finish: "stop" });
    expect(chunks.at(-1)).toMatchObject({
      choices: [],
      usage: { prompt_tokens: 10, completion_tokens: 7, total_tokens: 17 },
    });
    expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
  });

  it("keeps usage to itself when nobody asked", () => {
    expect(stream([start(), ...stopWith("end_turn")], {}).text).not.toContain("usage");
  });

  it("numbers tools, not blocks, and gives a call without arguments an empty object", () => {
    const { chunks } = stream([
      start(),
      ...block(0, { type: "text", text: "" }, [{ type: "text_delta", text: "Let me see" }]),
      ...block(1, { type: "tool_use", id: "a", name: "f", input: {} }, [
        { type: "input_json_delta", partial_json: "" },
      ]),
      ...block(2, { type: "tool_use", id: "b", name: "g", input: {} }, [
        { type: "input_json_delta", partial_json: '{"x"' },
        { type: "input_json_delta", partial_json: ":1}" },
      ]),
      ...stopWith("end_turn"),
    ]);
    expect(assembled(chunks)).toEqual({
      content: "Let me see",
      calls: [
        { id: "a", name: "f", arguments: "{}" },
        { id: "b", name: "g", arguments: '{"x":1}' },
      ],
      finish: "tool_calls",
    });
  });

  it("keeps what a server tool was asked out of the caller's own calls", () => {
    const { chunks } = stream([
      start(),
      ...block(0, { type: "tool_use", id: "a", name: "f", input: {} }, [
        { type: "input_json_delta", partial_json: "{}" },
      ]),
      ...block(1, { type: "server_tool_use", id: "s", name: "web_search", input: {} }, [
        { type: "input_json_delta", partial_json: '{"query":"x"}' },
      ]),
      ...stopWith("tool_use"),
    ]);
    expect(assembled(chunks).calls).toEqual([{ id: "a", name: "f", arguments: "{}" }]);
  });

  it("has the usage field in every chunk where it was asked for, and in none where not", () => {
    const events = [
      start(),
      ...block(0, { type: "text", text: "" }, [{ type: "text_delta", text: "Hi" }]),
      ...stopWith("end_turn"),
    ];
    const { chunks } = stream(events);
    expect(chunks.map(({ usage }) => usage)).toEqual([
      null,
      null,
      null,
      expect.objectContaining({ prompt_tokens: 10 }),
    ]);
    expect(stream(events, {}).chunks.some((chunk) => "usage" in chunk)).toBe(false);
  });

  it("reads what stands in a block from its start", () => {
    const { chunks } = stream([
      start(),
      ...block(0, { type: "thinking", thinking: "h" }, [
        { type: "thinking_delta", thinking: "m" },
        { type: "signature_delta", signature: "s" },
      ]),
      ...block(1, { type: "text", text: "Hel" }, [{ type: "text_delta", text: "lo" }]),
      ...stopWith("end_turn"),
    ]);
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("")).toBe("Hello");
    expect(chunks.flatMap((chunk) => chunk.choices[0]?.delta.thinking_blocks ?? [])).toEqual([
      { type: "thinking", thinking: "hm", signature: "s" },
    ]);
  });

  it("passes over deltas that hold no text", () => {
    const wrong = [
      { type: "text_delta", text: 7 },
      { type: "thinking_delta" },
      { type: "input_json_delta", partial_json: {} },
      null,
    ];
    const { chunks } = stream([
      start(),
      ...block(0, { type: "text", text: "" }, wrong as object[]),
      ...stopWith("end_turn"),
    ]);
    expect(chunks.flatMap(({ choices }) => choices.map(({ delta }) => delta))).toEqual([
      { role: "assistant", content: "", refusal: null },
      {},
    ]);
  });

  it("overwrites usage that is reported again", () => {
    const { usage, chunks } = stream([
      start({ input_tokens: 10, cache_read_input_tokens: 5, output_tokens: 1 }),
      { type: "message_delta", delta: {}, usage: { output_tokens: 4 } },
      { type: "message_delta", delta: {}, usage: { output_tokens: 9, input_tokens: 10 } },
      ...stopWith("end_turn", { output_tokens: 9 }),
    ]);
    expect(usage).toEqual({ input: 10, cacheRead: 5, cacheWrite5m: 0, cacheWrite1h: 0, output: 9, reasoning: 0 });
    expect(chunks.at(-1)?.usage).toMatchObject({ prompt_tokens: 15, completion_tokens: 9 });
  });

  it("hands reasoning on, and its signed block at the end of it", () => {
    const { chunks } = stream([
      start(),
      ...block(0, { type: "thinking", thinking: "" }, [
        { type: "thinking_delta", thinking: "h" },
        { type: "thinking_delta", thinking: "m" },
        { type: "signature_delta", signature: "s==" },
      ]),
      ...block(1, { type: "redacted_thinking", data: "r" }, []),
      ...stopWith("end_turn"),
    ]);
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.reasoning_content ?? "").join("")).toBe("hm");
    expect(chunks.flatMap((chunk) => chunk.choices[0]?.delta.thinking_blocks ?? [])).toEqual([
      { type: "thinking", thinking: "hm", signature: "s==" },
      { type: "redacted_thinking", data: "r" },
    ]);
  });

  it("says a refusal as one", () => {
    const { chunks } = stream([start(), ...stopWith("refusal")]);
    expect(chunks.at(-2)?.choices[0]).toMatchObject({
      finish_reason: "content_filter",
      delta: { refusal: expect.any(String) },
    });
  });

  it.each([
    ["overloaded_error", "upstream_overloaded"],
    ["rate_limit_error", "upstream_rate_limited"],
    ["api_error", "upstream_failed"],
  ])("an %s inside is %s", (type, code) => {
    const { steps } = stream([start(), { type: "error", error: { type, message: "oh" } }]);
    expect(steps.at(-1)).toMatchObject({ kind: "failure", frame: null, failure: { code, details: "oh" } });
  });

  it("ignores events it does not know", () => {
    expect(stream([start(), { type: "future_event", x: 1 }]).steps.at(-1)).toEqual({ kind: "meta", frame: null });
  });

  it("comes to the same as the whole answer, however arguments are cut", () => {
    const tool = fc.record({
      name: fc.stringMatching(/^[a-z]{1,8}$/),
      input: fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 3 }),
      size: fc.integer({ min: 1, max: 9 }),
    });
    fc.assert(
      fc.property(fc.array(tool, { minLength: 1, maxLength: 8 }), (tools) => {
        const blocks = tools.map(({ name, input }, index) => ({
          type: "tool_use",
          id: `t${index}`,
          name,
          input: JSON.parse(JSON.stringify(input)),
        }));
        const events = blocks.flatMap((each, index) => {
          const json = JSON.stringify(each.input);
          const size = tools[index]?.size ?? 1;
          const pieces =
            json === "{}"
              ? []
              : Array.from({ length: Math.ceil(json.length / size) }, (_unused, at) =>
                  json.slice(at * size, (at + 1) * size),
                );
          return block(
            index,
            { ...each, input: {} },
            pieces.map((partial_json) => ({ type: "input_json_delta", partial_json })),
          );
        });
        const whole = answer(blocks, { stop_reason: "tool_use" });
        const { chunks, usage } = stream([start(), ...events, ...stopWith("tool_use")]);
        const { calls, finish } = assembled(chunks);
        const expected = whole.completion.choices[0];
        expect(calls).toEqual(expected?.message.tool_calls?.map((each) => ({ id: each.id, ...each.function })));
        expect(finish).toBe(expected?.finish_reason);
        expect(usage).toEqual(whole.usage);
      }),
    );
  });
});

describe("an error answer", () => {
  it.each([
    [400, "invalid_request_error", "bad", "invalid_request"],
    [400, "invalid_request_error", "prompt is too long: 9 > 8", "context_length_exceeded"],
    [401, "authentication_error", "bad key", "upstream_auth_failed"],
    [403, "permission_error", "no", "upstream_auth_failed"],
    [404, "not_found_error", "model", "upstream_failed"],
    [413, "request_too_large", "big", "payload_too_large"],
    [429, "rate_limit_error", "slow", "upstream_rate_limited"],
    [500, "api_error", "oh", "upstream_failed"],
    [529, "overloaded_error", "busy", "upstream_overloaded"],
  ])("%i %s (%s) is %s", (status, type, message, code) => {
    const bytes = Buffer.from(JSON.stringify({ type: "error", error: { type, message } }));
    expect(chat().failure(status, bytes)).toMatchObject({ status, code, details: message, upstreamCode: type });
  });

  it("without a readable body still says its status", () => {
    expect(chat().failure(502, Buffer.from("<html>"))).toMatchObject({
      code: "upstream_failed",
      details: "answered with status 502",
    });
  });
});
