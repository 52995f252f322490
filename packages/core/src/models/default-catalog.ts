import type { LayerName, Model } from "../schemas/model.js";
import type { Operation } from "../schemas/operation.js";

/** 2026-11-24T00:00:00Z, when this list was last gone through. */
const CREATED = 1_795_478_400;

/** An entry, short: what is left out is the same for all. */
interface Entry {
  readonly id: string;
  readonly provider: string;
  readonly apiModelName: string;
  readonly layer: LayerName;
  readonly priority: number;
  readonly relativeCost: number | null;
  readonly contextWindow?: number;
  readonly maxOutputTokens?: number;
  readonly capabilities?: string[];
  readonly operations?: Operation[];
}

const EVERYTHING = ["tools", "vision", "reasoning", "json"];

const ENTRIES: readonly Entry[] = [
  // L0: free. Free models come and go at OpenRouter; one that is gone is skipped like any that fails.
  {
    id: "openrouter-qwen-qwen3-235b-a22b:free",
    provider: "openrouter",
    apiModelName: "qwen/qwen3-235b-a22b:free",
    layer: "L0",
    priority: 0,
    relativeCost: 0,
    contextWindow: 131_072,
    capabilities: ["tools", "reasoning"],
  },
  {
    id: "openrouter-llama-3.3-70b-free",
    provider: "openrouter",
    apiModelName: "meta-llama/llama-3.3-70b-instruct:free",
    layer: "L0",
    priority: 1,
    relativeCost: 0,
    contextWindow: 65_536,
    capabilities: ["tools"],
  },
  {
    id: "simulator",
    provider: "simulator",
    apiModelName: "simulator",
    layer: "L0",
    priority: 1_000,
    relativeCost: 0,
    capabilities: ["tools", "json"],
    operations: ["chat", "embeddings"],
  },

  // L1: cheap.
  {
    id: "openai-gpt-5.6-luna",
    provider: "openai",
    apiModelName: "gpt-5.6-luna",
    layer: "L1",
    priority: 0,
    relativeCost: 0.2,
    contextWindow: 1_050_000,
    maxOutputTokens: 128_000,
    capabilities: EVERYTHING,
  },
  {
    id: "anthropic-claude-haiku-5.5",
    provider: "anthropic",
    apiModelName: "claude-haiku-5-5",
    layer: "L1",
    priority: 0,
    relativeCost: 0.1,
    contextWindow: 1_000_000,
    maxOutputTokens: 128_000,
    capabilities: EVERYTHING,
  },
  {
    id: "openrouter-qwen3-235b-a22b-2507",
    provider: "openrouter",
    apiModelName: "qwen/qwen3-235b-a22b-2507",
    layer: "L1",
    priority: 1,
    relativeCost: 0.1,
    contextWindow: 262_144,
    maxOutputTokens: 16_384,
    capabilities: ["tools", "json"],
  },
  // GPT-6 takes tools on chat completions only with reasoning off, so they are not listed for it.
  {
    id: "openai-gpt-6-luna",
    provider: "openai",
    apiModelName: "gpt-6-luna",
    layer: "L1",
    priority: 2,
    relativeCost: 0.1,
    contextWindow: 1_050_000,
    maxOutputTokens: 128_000,
    capabilities: ["vision", "reasoning", "json"],
  },

  // L2: strong.
  {
    id: "openai-gpt-5.6-terra",
    provider: "openai",
    apiModelName: "gpt-5.6-terra",
    layer: "L2",
    priority: 0,
    relativeCost: 2,
    contextWindow: 1_050_000,
    maxOutputTokens: 128_000,
    capabilities: EVERYTHING,
  },
  {
    id: "anthropic-claude-sonnet-5.5",
    provider: "anthropic",
    apiModelName: "claude-sonnet-5-5",
    layer: "L2",
    priority: 0,
    relativeCost: 2,
    contextWindow: 1_000_000,
    maxOutputTokens: 128_000,
    capabilities: EVERYTHING,
  },
  {
    id: "openrouter-gpt-6.1-terra",
    provider: "openrouter",
    apiModelName: "openai/gpt-6.1-terra",
    layer: "L2",
    priority: 1,
    relativeCost: 1,
    contextWindow: 1_050_000,
    maxOutputTokens: 128_000,
    capabilities: EVERYTHING,
  },

  // L3: the strongest.
  {
    id: "anthropic-claude-opus-5.5",
    provider: "anthropic",
    apiModelName: "claude-opus-5-5",
    layer: "L3",
    priority: 0,
    relativeCost: 4,
    contextWindow: 1_000_000,
    maxOutputTokens: 128_000,
    capabilities: EVERYTHING,
  },
  {
    id: "openai-gpt-5.6-sol",
    provider: "openai",
    apiModelName: "gpt-5.6-sol",
    layer: "L3",
    priority: 0,
    relativeCost: 4,
    contextWindow: 1_050_000,
    maxOutputTokens: 128_000,
    capabilities: EVERYTHING,
  },
  {
    id: "openrouter-claude-opus-5",
    provider: "openrouter",
    apiModelName: "anthropic/claude-opus-5",
    layer: "L3",
    priority: 1,
    relativeCost: 5,
    contextWindow: 1_000_000,
    maxOutputTokens: 128_000,
    capabilities: EVERYTHING,
  },

  // Not for chats.
  ...openaiOnly("embeddings", ["text-embedding-3-small", "text-embedding-3-large"]),
  ...openaiOnly("moderations", ["omni-moderation-latest"]),
];

function openaiOnly(operation: Operation, names: readonly string[]): readonly Entry[] {
  return names.map((apiModelName, index) => ({
    id: `openai-${apiModelName}`,
    provider: "openai",
    apiModelName,
    layer: "L1",
    priority: index,
    relativeCost: null,
    operations: [operation],
  }));
}

/** The built-in models. Those of providers that are not configured are listed and skipped. */
export function defaultCatalog(): Model[] {
  return ENTRIES.map((entry) => ({
    ...structuredClone(entry),
    enabled: true,
    fallbacks: [],
    timeouts: {},
    created: CREATED,
  }));
}
