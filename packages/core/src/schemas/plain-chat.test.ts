import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ChatRequest } from "./chat.js";
import { isPlainChat } from "./plain-chat.js";

const HI = [{ role: "user", content: "Hi" }];

describe("isPlainChat", () => {
  it.each([
    { model: "auto", messages: HI },
    { model: "m", messages: [{ role: "system", content: "" }, ...HI], stream: true, temperature: 0, max_tokens: 5 },
  ])("knows %j", (body) => expect(isPlainChat(body)).toBe(true));

  it.each([
    null,
    [],
    { messages: HI },
    { model: "", messages: HI },
    { model: "m", messages: [] },
    { model: "m", messages: HI, temperature: 3 },
    { model: "m", messages: HI, temperature: null },
    { model: "m", messages: HI, max_tokens: 1.5 },
    { model: "m", messages: HI, tools: [] },
    { model: "m", messages: [{ role: "tool", content: "x" }] },
    { model: "m", messages: [{ role: "user", content: "x", name: 1 }] },
    { model: "m", messages: [{ role: "user", content: [] }] },
  ])("leaves %j to the schema", (body) => expect(isPlainChat(body)).toBe(false));

  it("never accepts what the schema refuses or changes", () => {
    const message = fc.record(
      {
        role: fc.constantFrom("user", "system", "assistant", "tool", "x"),
        content: fc.oneof(fc.string(), fc.jsonValue()),
        name: fc.jsonValue(),
      },
      { requiredKeys: ["role", "content"] },
    );
    const number = fc.oneof(fc.integer(), fc.double(), fc.constant(null), fc.constant("1"));
    const body = fc.record(
      {
        model: fc.oneof(fc.string({ maxLength: 600 }), fc.jsonValue()),
        messages: fc.oneof(fc.array(message, { maxLength: 3 }), fc.jsonValue()),
        stream: fc.oneof(fc.boolean(), fc.jsonValue()),
        temperature: number,
        max_tokens: number,
        max_completion_tokens: number,
        other: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(body, (value) => {
        if (!isPlainChat(value)) return;
        const parsed = ChatRequest.safeParse(value);
        expect(parsed.success).toBe(true);
        expect(parsed.data).toEqual(value);
      }),
      { numRuns: 2_000 },
    );
  });
});
