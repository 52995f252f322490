import type { Usage } from "../../spec/usage.js";

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads OpenAI's usage object into disjoint buckets; null where it is none. `prompt_tokens` includes cached ones. Chats
 * and embeddings count prompts, sound and pictures input; a reranker may give nothing but a total.
 */
export function openaiUsage(value: unknown): Usage | null {
  if (!isObject(value)) return null;
  if (!isCount(value.prompt_tokens)) return otherUsage(value);
  const { prompt_tokens: prompt, prompt_tokens_details: input, completion_tokens_details: output } = value;
  const cacheRead = count(input, "cached_tokens");
  const cacheWrite5m = count(input, "cache_write_tokens");
  return {
    input: Math.max(0, prompt - cacheRead - cacheWrite5m),
    cacheRead,
    cacheWrite5m,
    cacheWrite1h: 0,
    output: count(value, "completion_tokens"),
    reasoning: count(output, "reasoning_tokens"),
    costUsd: typeof value.cost === "number" ? value.cost : undefined, // OpenRouter's
  };
}

function otherUsage({ input_tokens: input, output_tokens: output, total_tokens: total }: Fields): Usage | null {
  const counted = isCount(input) ? input : total;
  if (!isCount(counted)) return null;
  const spoken = isCount(input) && isCount(output) ? output : 0;
  return { input: counted, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: spoken, reasoning: 0 };
}

/** A count of tokens, 0 where there is none. By hand and not by schema: this runs on every answer. */
function count(holder: unknown, name: string): number {
  const value = isObject(holder) ? holder[name] : undefined;
  return isCount(value) ? value : 0;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}
