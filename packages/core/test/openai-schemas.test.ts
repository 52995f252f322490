import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Gateway } from "@sluice/core";
import { anthropic, faults, type ScriptedUpstream, scriptedUpstream, sseJson } from "@sluice/testkit";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

/** OpenAI's published object schemas, which are not ours to ship: a folder `shared` may lie beside the checkout. */
const FILE = join(fileURLToPath(new URL("../../../..", import.meta.url)), "shared", "spec", "openai.schemas.json");

const TOOL = {
  type: "function" as const,
  function: { name: "get_weather", parameters: { type: "object", properties: { city: { type: "string" } } } },
};
const ASK = { messages: [{ role: "user" as const, content: "get_weather in Paris" }] };

describe.skipIf(!existsSync(FILE))("answers against OpenAI's own schemas", () => {
  let upstream: ScriptedUpstream;
  let gateway: Gateway;
  const ajv = new Ajv2020({ strict: false });
  addFormats.default(ajv);
  ajv.addFormat("unixtime", { type: "number", validate: Number.isInteger });

  beforeAll(async () => {
    ajv.addSchema(JSON.parse(readFileSync(FILE, "utf8")), "openai");
    upstream = await scriptedUpstream();
    gateway = new Gateway({
      providers: { anthropic: { apiKey: "k", baseUrl: upstream.url } },
      models: [{ id: "claude", provider: "anthropic", apiModelName: "c", layer: "L0" }],
    });
  });

  afterAll(async () => {
    await gateway.close();
    await upstream.close();
  });

  function expectValid(definition: string, value: unknown): void {
    const validate = ajv.getSchema(`openai#/$defs/${definition}`);
    if (!validate) throw new Error(`there is no schema ${definition}`);
    validate(value);
    expect(validate.errors ?? []).toEqual([]);
  }

  function respond(body: object): Promise<Response> {
    const headers = { "content-type": "application/json", "x-sluice-error-format": "openai" };
    return gateway.fetch(
      new Request("http://localhost/v1/chat/completions", { method: "POST", headers, body: JSON.stringify(body) }),
    );
  }

  const replies = {
    text: [{ type: "text", text: "Sunny." }],
    tools: [{ type: "tool_use", id: "t1", name: "get_weather", input: { city: "Paris" } }],
    reasoning: [
      { type: "thinking", thinking: "hm", signature: "s" },
      { type: "text", text: "Sunny." },
    ],
  };

  it.each(Object.entries(replies))("a completion translated from Anthropic: %s", async (_name, content) => {
    upstream.enqueue(anthropic.message({ content }));
    expectValid("CreateChatCompletionResponse", await (await respond({ ...ASK, model: "claude" })).json());
  });

  it("a stream translated from Anthropic", async () => {
    upstream.enqueue(anthropic.stream(["Sun", "ny.", { tool_use: { name: "get_weather", input: { city: "Paris" } } }]));
    const response = await respond({ ...ASK, model: "claude", stream: true, stream_options: { include_usage: true } });
    const chunks = sseJson(await response.text());
    expect(chunks.length).toBeGreaterThan(4);
    for (const chunk of chunks) expectValid("CreateChatCompletionStreamResponse", chunk);
  });

  it.each([{}, { tools: [TOOL] }, { response_format: { type: "json_object" } }])(
    "the simulator's completion for %j",
    async (more) => {
      expectValid(
        "CreateChatCompletionResponse",
        await (await respond({ ...ASK, model: "simulator", ...more })).json(),
      );
      const response = await respond({ ...ASK, model: "simulator", stream: true, ...more });
      for (const chunk of sseJson(await response.text())) expectValid("CreateChatCompletionStreamResponse", chunk);
    },
  );

  it("the model list", async () => {
    expectValid("ListModelsResponse", await (await gateway.fetch(new Request("http://localhost/v1/models"))).json());
  });

  it("errors, before and inside a stream", async () => {
    expectValid("ErrorResponse", await (await respond({ messages: [] })).json());
    upstream.enqueue(faults.endAfter(anthropic.stream(["Sun", "ny."]), 4));
    const chunks = sseJson(await (await respond({ ...ASK, model: "claude", stream: true })).text());
    expect(chunks.at(-1)).toMatchObject({
      error: { message: expect.any(String), type: "server_error", code: "upstream_failed" },
    });
  });
});
