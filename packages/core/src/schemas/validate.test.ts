import { describe, expect, it } from "vitest";
import { z } from "zod";
import { GatewayError } from "../errors.js";
import { ChatRequest } from "./chat.js";
import { EmbeddingRequest } from "./forward.js";
import { ModelPatch, NewModel } from "./model.js";
import { validate } from "./validate.js";

function refusal(schema: z.ZodType, value: unknown): GatewayError {
  try {
    validate(schema, value);
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error("was accepted");
}

const model = { id: "m", provider: "openai", apiModelName: "gpt", layer: "L1" };
const user = { role: "user", content: "hi" };

describe("validate", () => {
  it("returns the parsed value with its defaults", () => {
    expect(validate(NewModel, model)).toMatchObject({ id: "m", enabled: true, priority: 0, relativeCost: null });
  });

  it("keeps unknown chat fields and ignores unknown management fields", () => {
    expect(validate(ChatRequest, { messages: [user], new_field: 1 })).toHaveProperty("new_field", 1);
    expect(validate(NewModel, { ...model, color: "red" })).not.toHaveProperty("color");
  });

  it.each<[string, z.ZodType, unknown, string | undefined, string]>([
    ["a missing field", ChatRequest, {}, "messages", "messages: is required (an array)"],
    ["a missing choice of types", EmbeddingRequest, {}, "input", "input: is required (a string or an array)"],
    [
      "a missing part",
      ChatRequest,
      { messages: [{ role: "user" }] },
      "messages[0].content",
      "messages[0].content: is required",
    ],
    ["an empty list", ChatRequest, { messages: [] }, "messages", "messages: must not be empty"],
    [
      "a wrong choice",
      ChatRequest,
      { messages: [user, { role: "robot" }] },
      "messages[1].role",
      'messages[1].role: expected one of "system", "developer", "user", "assistant", "tool", "function"',
    ],
    [
      "a union that no branch takes",
      ChatRequest,
      { messages: [{ role: "user", content: 5 }] },
      "messages[0].content",
      "messages[0].content: expected a string or an array, received number",
    ],
    [
      "a union whose branch got further",
      ChatRequest,
      { messages: [{ role: "user", content: [{ type: 1 }] }] },
      "messages[0].content[0].type",
      "messages[0].content[0].type: expected a string, received number",
    ],
    [
      "a number out of range",
      ChatRequest,
      { messages: [user], temperature: 3 },
      "temperature",
      "temperature: must be at most 2",
    ],
    [
      "a fraction for a whole number",
      ChatRequest,
      { messages: [user], max_tokens: 1.5 },
      "max_tokens",
      "max_tokens: expected a whole number",
    ],
    [
      "zero where more is needed",
      ChatRequest,
      { messages: [user], max_tokens: 0 },
      "max_tokens",
      "max_tokens: must be greater than 0",
    ],
    [
      "an unknown gateway option",
      ChatRequest,
      { messages: [user], sluice: { later: 1 } },
      "sluice.later",
      "sluice.later: is not a known field",
    ],
    ["a list for an object", ChatRequest, [], undefined, "body: expected an object, received array"],
    ["null for an object", ModelPatch, null, undefined, "body: expected an object, received null"],
    ["a reserved id", NewModel, { ...model, id: "layers" }, "id", "id: is a reserved name"],
    ["an id that no URL can hold", NewModel, { ...model, id: ".." }, "id", "id: is a reserved name"],
    [
      "an id with spaces",
      NewModel,
      { ...model, id: "a b" },
      "id",
      "id: must not hold white space, control characters or halves of characters",
    ],
    ["an unknown layer", NewModel, { ...model, layer: "L9" }, "layer", 'layer: expected one of "L0", "L1", "L2", "L3"'],
    ["text for a boolean", ModelPatch, { enabled: "yes" }, "enabled", "enabled: expected a boolean, received string"],
    ["a date that is none", z.object({ day: z.iso.date() }), { day: "x" }, "day", "day: invalid ISO date"],
    [
      "an unknown kind",
      z.object({ part: z.discriminatedUnion("type", [z.object({ type: z.literal("a") })]) }),
      { part: { type: "z" } },
      "part.type",
      "part.type: invalid discriminator value. Expected 'a'",
    ],
    [
      "a wrong key of a record",
      z.record(z.string().regex(/^a/, "must start with a"), z.number()),
      { b: 1 },
      "b",
      "b: must start with a",
    ],
    [
      "nested unions",
      z.object({ a: z.union([z.string(), z.union([z.number(), z.boolean()])]) }),
      { a: null },
      "a",
      "a: expected a string or a number or a boolean, received null",
    ],
    [
      "a literal among types",
      z.object({ a: z.union([z.literal("x"), z.number()]) }),
      { a: true },
      "a",
      'a: expected "x" or a number',
    ],
    [
      "a union of one type with a bound",
      z.object({ a: z.union([z.number(), z.string().max(2)]) }),
      { a: "xyz" },
      "a",
      "a: must have at most 2 characters",
    ],
    [
      "a made-up name",
      z.record(z.string(), z.number()),
      { "a b": "x" },
      '["a b"]',
      '["a b"]: expected a number, received string',
    ],
  ])("names the field for %s", (_name, schema, value, param, details) => {
    const error = refusal(schema, value);
    expect(error.code).toBe("invalid_request");
    expect(error.status).toBe(400);
    expect(error.details).toBe(details);
    expect(error.param).toBe(param);
  });

  it("never repeats a value and stays on one short line", () => {
    const secret = `sk-${"x".repeat(100_000)}`;
    const error = refusal(ChatRequest, { messages: [{ role: secret, content: "a" }], [secret]: 1 });
    expect(error.details).not.toContain("sk-x");
    const long = refusal(z.strictObject({}), { [`${secret}\n`]: 1 });
    expect(long.details?.length).toBeLessThan(200);
    expect(long.details).not.toContain("\n");
    const deep = refusal(z.record(z.string(), z.record(z.string(), z.record(z.string(), z.number()))), {
      ["a b".repeat(50)]: { ["c d".repeat(50)]: { ["e f".repeat(50)]: "x" } },
    });
    expect(deep.param?.length).toBeLessThanOrEqual(201);
  });
});
