import { describe, expect, it } from "vitest";
import type { UnitPrice } from "../schemas/ledger.js";
import { type Model, NewModel } from "../schemas/model.js";
import type { Operation } from "../schemas/operation.js";
import { worstCaseOf } from "./worst-case.js";

const PRICE: UnitPrice = {
  input: 3,
  output: 1_000_000,
  cacheRead: 1,
  cacheWrite5m: 4,
  cacheWrite1h: null,
  maxPromptTokens: null,
  asOf: null,
  source: null,
};

const MODEL: Model = { ...NewModel.parse({ id: "m", provider: "p", apiModelName: "m", layer: "L0" }), created: 0 };

/** Tokens of answer that are put aside. */
function answer(request: object, model: Partial<Model> = {}, operation: Operation = "chat"): number | null {
  const most = worstCaseOf({ operation, request, model: { ...MODEL, ...model }, body: "" }, PRICE);
  return most === null ? null : most / PRICE.output;
}

describe("the most a call can cost", () => {
  it.each<[object, number]>([
    [{ max_tokens: 10 }, 10],
    [{ max_completion_tokens: 10 }, 10],
    [{ max_completion_tokens: 1, max_tokens: 1_000 }, 1_000],
    [{ max_completion_tokens: 1_000, max_tokens: 1 }, 1_000],
    [{ max_tokens: 10, n: 3 }, 30],
    [{ max_tokens: 10, n: 2, best_of: 5 }, 50],
    [{ max_tokens: 10, prompt: ["a", "b", "c"] }, 30],
    [{ max_tokens: 10, prompt: ["a", "b"], n: 2 }, 40],
    [{ max_tokens: 10, prompt: [[1, 2], [3]] }, 20],
    [{ max_tokens: 10, prompt: [1, 2, 3] }, 10],
    [{ max_tokens: 10, prompt: [] }, 10],
    [{}, 32_768],
    [{ max_tokens: null, n: null }, 32_768],
    [{ max_tokens: 10, messages: [null, 5, { content: [null, 7] }] }, 10],
  ])("counts what %j may be answered with", (request, tokens) => {
    expect(answer(request)).toBe(tokens);
  });

  it.each([
    { max_tokens: 10, n: -1_000_000 },
    { max_tokens: 10, n: 0 },
    { max_tokens: 10, best_of: -7 },
    { max_tokens: 10, n: 0.5 },
    { max_tokens: 10, n: "9" },
  ])("is not made less by %j", (request) => {
    expect(answer(request)).toBe(10);
  });

  it.each([{ max_tokens: -10 }, { max_tokens: 0 }])("takes %j for no bound", (request) => {
    expect(answer(request, { maxOutputTokens: 500 })).toBe(500);
    expect(answer(request, { contextWindow: 900 })).toBe(900);
  });

  it("is not known where it is more than can be counted", () => {
    expect(answer({ max_tokens: Number.MAX_SAFE_INTEGER })).toBeNull();
    expect(answer({ max_tokens: 1e300, n: 1e300 })).toBeNull();
  });

  it("takes each byte of the prompt for a token, at the dearest rate there is for it", () => {
    const call = { operation: "embeddings" as const, request: {}, model: MODEL };
    expect(worstCaseOf({ ...call, body: "zoë" }, PRICE)).toBe(4 * 4);
    expect(worstCaseOf({ ...call, body: new Uint8Array(10) }, { ...PRICE, cacheWrite1h: 9 })).toBe(90);
  });

  it("counts pictures and files that lie elsewhere, which the body only points to", () => {
    const asked = (...content: object[]) => {
      const request = {
        max_tokens: 1,
        messages: [
          { role: "system", content: "x" },
          { role: "user", content },
        ],
      };
      const most = worstCaseOf({ operation: "chat", request, model: MODEL, body: "" }, { ...PRICE, output: 0 });
      return (most ?? 0) / 4;
    };
    expect(asked({ type: "text", text: "hi" })).toBe(0);
    expect(asked({ type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } })).toBe(0); // its bytes count
    expect(asked({ type: "image_url", image_url: { url: "https://x.example/1.png" } })).toBe(50_000);
    expect(
      asked({ type: "file", file: { file_id: "file-1" } }, { type: "video_url", video_url: { url: "https://x" } }),
    ).toBe(100_000);
    expect(asked({ type: "image_url", image_url: null }, { type: "image_url" }, {})).toBe(0);
  });
});
