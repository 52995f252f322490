import { z } from "zod";
import type { Usage } from "../../spec/usage.js";

const Tokens = z.int().nonnegative().nullish().catch(null);
const UsageObject = z.object({
  prompt_tokens: z.int().nonnegative(),
  completion_tokens: Tokens,
  prompt_tokens_details: z.object({ cached_tokens: Tokens, cache_write_tokens: Tokens }).nullish().catch(null),
  completion_tokens_details: z.object({ reasoning_tokens: Tokens }).nullish().catch(null),
});

/** Reads OpenAI's usage object into disjoint buckets; null where it is none. `prompt_tokens` includes cached ones. */
export function openaiUsage(value: unknown): Usage | null {
  const usage = UsageObject.safeParse(value).data;
  if (!usage) return null;
  const cacheRead = usage.prompt_tokens_details?.cached_tokens ?? 0;
  const cacheWrite5m = usage.prompt_tokens_details?.cache_write_tokens ?? 0;
  return {
    input: Math.max(0, usage.prompt_tokens - cacheRead - cacheWrite5m),
    cacheRead,
    cacheWrite5m,
    cacheWrite1h: 0,
    output: usage.completion_tokens ?? 0,
    reasoning: usage.completion_tokens_details?.reasoning_tokens ?? 0,
  };
}
