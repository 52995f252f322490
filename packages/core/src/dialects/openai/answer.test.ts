import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openaiAnswer } from "./answer.js";

const USAGE = {
  prompt_tokens: 20,
  completion_tokens: 10,
  total_tokens: 30,
  prompt_tokens_details: { cached_tokens: 5 },
  completion_tokens_details: { reasoning_tokens: 3 },
};

function completion(content: string, more: object = {}): Buffer {
  const choices = [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }];
  return Buffer.from(JSON.stringify({ id: "x", model: "m", choices, usage: USAGE, ...more }));
}

describe("openaiAnswer", () => {
  it.each([null, [], {}, "x"])("takes %j in the place of choices for no answer", (choices) => {
    expect(() => openaiAnswer(completion("", { choices }), "m")).toThrow(
      expect.objectContaining({ code: "upstream_failed", details: "answered without choices" }),
    );
  });

  it("keeps the bytes and reads the usage into disjoint buckets", () => {
    const bytes = completion("Hello");
    const answer = openaiAnswer(bytes, "fallback");
    expect(answer.body).toBe(bytes);
    expect(answer.usage).toEqual({
      input: 15,
      cacheRead: 5,
      cacheWrite5m: 0,
      cacheWrite1h: 0,
      output: 10,
      reasoning: 3,
    });
  });

  it.each([
    ["usage in front", { id: "x", usage: USAGE, model: "m", choices: [{}] }],
    ["fields behind the usage", { model: "m", choices: [{}], usage: USAGE, system_fingerprint: 'f"}{', x: [{}] }],
    ["usage far from the end", { model: "m", choices: [{}], usage: USAGE, pad: "y".repeat(5_000) }],
  ])("reads answers with %s", (_name, body) => {
    expect(openaiAnswer(Buffer.from(JSON.stringify(body)), "m").usage).toMatchObject({ input: 15, output: 10 });
  });

  it("has no usage where none is reported", () => {
    expect(openaiAnswer(Buffer.from('{"model":"m","choices":[{}]}'), "m").usage).toBeNull();
    expect(openaiAnswer(Buffer.from('{"model":"m","choices":[{}],"usage":null}'), "m").usage).toBeNull();
  });

  it("fills in a missing model", () => {
    expect(String(openaiAnswer(Buffer.from('{"choices":[{}],"usage":{"prompt_tokens":1}}'), "mine").body)).toBe(
      '{"choices":[{}],"usage":{"prompt_tokens":1},"model":"mine"}',
    );
  });

  it("takes no answer that is cut short, wherever it is cut", () => {
    const words = fc.oneof(fc.string(), fc.constantFrom('"usage":{}}', "}}}", '\\"', "Grüße 🚰", '"choices"'));
    fc.assert(
      fc.property(words, fc.double({ min: 0, max: 1, noNaN: true }), (content, share) => {
        const whole = completion(content, { service_tier: content });
        const cut = whole.subarray(0, Math.floor((whole.length - 1) * share));
        expect(() => openaiAnswer(cut, "m")).toThrow();
        expect(openaiAnswer(whole, "m").body).toBe(whole);
      }),
      { numRuns: 500 },
    );
  });

  it("knows an error that comes with status 200", () => {
    expect(() => openaiAnswer(Buffer.from('{"error":{"code":429,"message":"slow down"}}'), "m")).toThrow(
      expect.objectContaining({ code: "upstream_rate_limited", details: "slow down" }),
    );
  });
});
