import type { ProviderConfig } from "../schemas/options/provider-config.js";
import type { Provider } from "../spec/provider.js";
import { httpProvider, type ProviderDeps } from "./internal/http-provider.js";
import { keysOf } from "./internal/key-pool.js";
import { OPENAI_PATHS } from "./internal/openai-paths.js";

/** Any server that speaks OpenAI's chat API. On when it has a base URL; a key is sent where there is one. */
export function openaiCompatible(name: string, config: ProviderConfig, deps: ProviderDeps): Provider | null {
  if (!config.baseUrl) return null;
  return httpProvider(name, config, deps, {
    dialect: "openai",
    baseUrl: config.baseUrl,
    keys: keysOf(config.apiKey),
    paths: OPENAI_PATHS,
    headers: (key) => (key === null ? {} : { authorization: `Bearer ${key}` }),
  });
}
