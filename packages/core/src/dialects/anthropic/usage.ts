import { z } from "zod";
import type { Usage } from "../../spec/usage.js";

const Tokens = z.int().nonnegative().nullish().catch(null);
const UsageObject = z.object({
  input_tokens: Tokens,
  output_tokens: Tokens,
  cache_read_input_tokens: Tokens,
  cache_creation_input_tokens: Tokens,
  cache_creation: z
    .object({ ephemeral_5m_input_tokens: Tokens, ephemeral_1h_input_tokens: Tokens })
    .nullish()
    .catch(null),
  output_tokens_details: z.object({ thinking_tokens: Tokens }).nullish().catch(null),
});

type Counts = z.infer<typeof UsageObject>;

/** Adds up what an upstream says about its usage: in a stream each report replaces the counts it repeats. */
export class AnthropicUsage {
  #counts: Counts | null = null;

  /** Counts are cumulative: what is reported again replaces what was there, and is never added. */
  take(value: unknown): void {
    const counts = UsageObject.safeParse(value).data;
    if (!counts) return;
    const given = Object.entries(counts).filter(([, count]) => count !== null && count !== undefined);
    this.#counts = { ...this.#counts, ...Object.fromEntries(given) } as Counts; // entries of the same shape
  }

  /** Disjoint buckets; null where nothing was reported. `input_tokens` excludes what was read from or written to a cache. */
  get usage(): Usage | null {
    const counts = this.#counts;
    if (!counts) return null;
    const cacheWrite1h = counts.cache_creation?.ephemeral_1h_input_tokens ?? 0;
    const listed = cacheWrite1h + (counts.cache_creation?.ephemeral_5m_input_tokens ?? 0);
    const written = Math.max(counts.cache_creation_input_tokens ?? 0, listed);
    return {
      input: counts.input_tokens ?? 0,
      cacheRead: counts.cache_read_input_tokens ?? 0,
      cacheWrite5m: written - cacheWrite1h, // what the breakdown leaves out is the cheaper kind
      cacheWrite1h,
      output: counts.output_tokens ?? 0,
      reasoning: counts.output_tokens_details?.thinking_tokens ?? 0,
    };
  }
}

/** OpenAI's usage object, whose prompt tokens include the cached ones. */
export function openaiUsageObject(usage: Usage): object {
  const prompt = usage.input + usage.cacheRead + usage.cacheWrite5m + usage.cacheWrite1h;
  return {
    prompt_tokens: prompt,
    completion_tokens: usage.output,
    total_tokens: prompt + usage.output,
    prompt_tokens_details: {
      cached_tokens: usage.cacheRead,
      audio_tokens: 0,
      cache_write_tokens: usage.cacheWrite5m + usage.cacheWrite1h,
    },
    completion_tokens_details: { reasoning_tokens: usage.reasoning, audio_tokens: 0 },
  };
}
