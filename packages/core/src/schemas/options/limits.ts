import { z } from "zod";

function window(requests: number, windowSeconds: number) {
  return {
    limit: z.int().positive().default(requests).describe("Requests per window."),
    windowSeconds: z.int().positive().max(86_400).default(windowSeconds).describe("Length of the window."),
  };
}

const Most = z.int().positive().nullable().default(null);

/** Requests, calls and tokens of an address and of a caller. */
export const Limits = z.strictObject({
  perIp: z.strictObject(window(100, 60)).nullable().prefault({}).describe("null switches it off."),
  perKey: z
    .strictObject({
      ...window(1_000, 3_600),
      concurrency: Most.describe("Model calls of one caller at once; null: as many as it likes."),
      tokensPerMinute: Most.describe("Tokens of one caller per minute, input and output together; null: no limit."),
    })
    .nullable()
    .prefault({})
    .describe("null switches it off."),
  ipv6Prefix: z.int().min(48).max(128).default(64).describe("Bits of an IPv6 address that tell callers apart."),
  headers: z
    .enum(["classic", "classic+draft"])
    .default("classic+draft")
    .describe("`classic`: `X-RateLimit-*` alone; else the IETF draft's `RateLimit` and `RateLimit-Policy` too."),
});
