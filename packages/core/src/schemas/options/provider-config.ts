import { z } from "zod";
import { TimeoutsPatch } from "../model.js";

/** An address of the web. */
export const Url = z.url({ protocol: /^https?$/ }).max(2_000);
/** RFC 9110 5.6.2. */
export const HeaderName = z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, "must be a header name");

/** What a provider is called in models, routes and logs. */
export const ProviderName = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, "must be a provider's name");

/** One upstream as the configuration describes it. */
export const ProviderConfig = z.strictObject({
  type: z.string().optional().describe("Which built-in provider this is; default: the entry's own name."),
  apiKey: z
    .union([z.string(), z.array(z.string()).max(100)])
    .nullish()
    .describe("The key, or a list of keys used in turn."),
  baseUrl: Url.nullish().describe("Where the provider's API starts."),
  headers: z.record(HeaderName, z.string()).optional().describe("Further request headers."),
  timeouts: TimeoutsPatch.optional().describe("Timers that replace `routing.timeouts` for this provider."),
  concurrency: z
    .int()
    .positive()
    .nullish()
    .describe(
      "Upstream calls allowed at once; up to 128 more wait in order, others go elsewhere or are refused. Default: any number.",
    ),
  includeUsage: z.boolean().optional().describe("Whether streams are asked for usage; default true."),
  version: z
    .enum(["2023-06-01", "2026-10-21"])
    .optional()
    .describe("anthropic only: the `anthropic-version` to speak; default 2023-06-01."),
  siteUrl: Url.optional().describe("openrouter only: sent as `HTTP-Referer`."),
  siteName: z.string().max(200).optional().describe("openrouter only: sent as `X-Title`."),
  latencyMs: z.int().nonnegative().max(600_000).optional().describe("simulator only: wait before each answer."),
});

/** One upstream as the configuration describes it. */
export type ProviderConfig = z.infer<typeof ProviderConfig>;
