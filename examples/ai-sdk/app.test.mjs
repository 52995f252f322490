import { APICallError, embedMany, generateObject, generateText, jsonSchema, stepCountIs, streamText, tool } from "ai";
import { afterAll, expect, it } from "vitest";
import { buildApp } from "./app.mjs";

const { gateway, model } = buildApp();

afterAll(() => gateway.close());

it("generates and streams text, with its usage", async () => {
  const { text, usage } = await generateText({ model: model("auto"), prompt: "Hello!" });
  expect(text).toContain("Hello!");
  expect(usage.totalTokens).toBeGreaterThan(5);
  const stream = streamText({ model: model("auto"), prompt: "Hello!" });
  let streamed = "";
  for await (const words of stream.textStream) streamed += words;
  expect(streamed).toBe(text);
  expect((await stream.usage).totalTokens).toBe(usage.totalTokens);
});

it("calls a tool and goes on with its result", async () => {
  const asked = [];
  const get_weather = tool({
    inputSchema: jsonSchema({ type: "object", properties: { city: { type: "string" } }, required: ["city"] }),
    execute: async ({ city }) => {
      asked.push(city);
      return { degrees: 21 };
    },
  });
  const { steps, text } = await generateText({
    model: model("auto"),
    prompt: "Use get_weather for Oslo",
    tools: { get_weather },
    stopWhen: stepCountIs(3),
  });
  expect(asked).toEqual(["Oslo"]);
  expect(steps).toHaveLength(2);
  expect(text).toContain("21");
});

it("generates objects that fit their schema", async () => {
  const schema = jsonSchema({
    type: "object",
    properties: { name: { type: "string" }, depth: { type: "integer" } },
    required: ["name", "depth"],
    additionalProperties: false,
  });
  const { object } = await generateObject({ model: model("auto"), schema, prompt: "A canal" });
  expect(object).toEqual({ name: expect.any(String), depth: expect.any(Number) });
});

it("embeds", async () => {
  const { embeddings } = await embedMany({ model: model.textEmbeddingModel("simulator"), values: ["a", "b"] });
  expect(embeddings.map((each) => each.length)).toEqual([256, 256]);
});

it("throws the SDK's own errors", async () => {
  const nobody = generateText({ model: model("nobody"), prompt: "Hello!", maxRetries: 0 });
  await expect(nobody).rejects.toSatisfy((error) => APICallError.isInstance(error) && error.statusCode === 404);
});
