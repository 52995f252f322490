import { describe, expect, it } from "vitest";
import type { LimitVerdict } from "../spec/limiter.js";
import { addLimitHeaders, type Counted, retrySeconds, shortDuration } from "./limit-headers.js";
import { configuredPolicy } from "./limit-policy.js";

const NOW = 1_733_385_600_000;

function counted(name: "ip" | "key", limit: number, windowSeconds: number, verdict: Partial<LimitVerdict>): Counted {
  const policy = configuredPolicy(name, { limit, windowSeconds });
  if (!policy) throw new TypeError("a policy was given");
  return { policy, verdict: { admitted: true, remaining: 1, resetMs: windowSeconds * 1_000, retryMs: 0, ...verdict } };
}

function headersOf(address: Counted | null, key: Counted | null, also: { openai?: boolean; classic?: boolean } = {}) {
  const headers: Record<string, string> = {};
  const { openai = false, classic = false } = also;
  addLimitHeaders(headers, { address, key, now: NOW, headers: classic ? "classic" : "classic+draft", openai });
  return headers;
}

describe("limit headers", () => {
  it("are those of the reference and of the draft", () => {
    expect(headersOf(counted("ip", 100, 60, { remaining: 95, resetMs: 57_200 }), null)).toEqual({
      "x-ratelimit-limit": "100",
      "x-ratelimit-remaining": "95",
      "x-ratelimit-reset": "1733385658",
      "ratelimit-policy": '"ip";q=100;w=60',
      ratelimit: '"ip";r=95;t=58',
    });
  });

  it("name the moment of Retry-After once the limit is reached", () => {
    const refused = { admitted: false, remaining: 0, resetMs: 58_000, retryMs: 11_001 };
    expect(headersOf(counted("ip", 100, 60, refused), null).ratelimit).toBe('"ip";r=0;t=12');
  });

  it.each([
    // what is left of each, and whose headers are sent
    [{ remaining: 50 }, { remaining: 501 }, "100"],
    [{ remaining: 50 }, { remaining: 499 }, "1000"],
    [{ remaining: 0 }, { admitted: false, remaining: 0, retryMs: 5 }, "1000"],
    [{ admitted: false, remaining: 0, retryMs: 9 }, { admitted: false, remaining: 0, retryMs: 5 }, "100"],
    [{ remaining: 0, retryMs: 9 }, { remaining: 0, retryMs: 10 }, "1000"],
  ])("tell of the tighter of %j and %j", (address, key, limit) => {
    const headers = headersOf(counted("ip", 100, 60, address), counted("key", 1_000, 3_600, key));
    expect(headers["x-ratelimit-limit"]).toBe(limit);
    expect(headers["ratelimit-policy"]).toBe('"ip";q=100;w=60, "key";q=1000;w=3600');
    expect(headers.ratelimit?.startsWith(limit === "100" ? '"ip"' : '"key"')).toBe(true);
  });

  it("leave the draft out where it is switched off", () => {
    expect(Object.keys(headersOf(counted("ip", 100, 60, {}), null, { classic: true }))).toEqual([
      "x-ratelimit-limit",
      "x-ratelimit-remaining",
      "x-ratelimit-reset",
    ]);
  });

  it("have OpenAI's names on its routes", () => {
    const headers = headersOf(counted("ip", 100, 360, { remaining: 7 }), null, { openai: true });
    expect(headers).toMatchObject({
      "x-ratelimit-limit-requests": "100",
      "x-ratelimit-remaining-requests": "7",
      "x-ratelimit-reset-requests": "6m0s",
    });
  });

  it("are absent where nothing is limited", () => {
    expect(headersOf(null, null, { openai: true })).toEqual({});
  });
});

it.each([
  [0, 1],
  [1, 1],
  [1_000, 1],
  [1_001, 2],
  [11_999, 12],
])("%d ms to wait are %d s", (ms, seconds) => {
  expect(retrySeconds(ms)).toBe(seconds);
});

it.each([
  [0, "0ms"],
  [17.2, "18ms"],
  [999.5, "1000ms"],
  [1_000, "1s"],
  [59_001, "1m0s"],
  [3_600_000, "1h0m0s"],
])("%d ms are written %s", (ms, text) => {
  expect(shortDuration(ms)).toBe(text);
});
