import type { ProviderConfig } from "../schemas/options/provider-config.js";
import type { Provider } from "../spec/provider.js";
import { httpProvider, type ProviderDeps } from "./internal/http-provider.js";
import { keysOf } from "./internal/key-pool.js";
import { OPENAI_PATHS } from "./internal/openai-paths.js";

/** OpenRouter, with its attribution headers. On when it has a key. */
export function openrouter(name: string, config: ProviderConfig, deps: ProviderDeps): Provider | null {
  const keys = keysOf(config.apiKey);
  if (keys.length === 0) return null;
  const attribution = {
    "x-title": config.siteName ?? "Sluice",
    ...(config.siteUrl ? { "http-referer": config.siteUrl } : {}),
  };
  return httpProvider(name, config, deps, {
    dialect: "openai",
    baseUrl: config.baseUrl ?? "https://openrouter.ai/api/v1",
    keys,
    paths: OPENAI_PATHS,
    headers: (key) => ({ authorization: `Bearer ${key}`, ...attribution }),
    reportsCost: true, // credits, which are US dollars
    ownFields: ["provider", "transforms", "route", "plugins"],
  });
}
