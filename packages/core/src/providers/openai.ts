import type { ProviderConfig } from "../schemas/options/provider-config.js";
import type { Provider } from "../spec/provider.js";
import { httpProvider, type ProviderDeps } from "./internal/http-provider.js";
import { keysOf } from "./internal/key-pool.js";
import { OPENAI_PATHS } from "./internal/openai-paths.js";

/** OpenAI's own API. On when it has a key. */
export function openai(name: string, config: ProviderConfig, deps: ProviderDeps): Provider | null {
  const keys = keysOf(config.apiKey);
  if (keys.length === 0) return null;
  return httpProvider(name, config, deps, {
    dialect: "openai",
    baseUrl: config.baseUrl ?? "https://api.openai.com/v1",
    keys,
    paths: OPENAI_PATHS,
    headers: (key) => ({ authorization: `Bearer ${key}` }),
  });
}
