import type { ProviderConfig } from "../schemas/options/provider-config.js";
import type { Provider } from "../spec/provider.js";
import { httpProvider, type ProviderDeps } from "./internal/http-provider.js";
import { keysOf } from "./internal/key-pool.js";

/** Anthropic's Messages API, in either of its live versions. On when it has a key. */
export function anthropic(name: string, config: ProviderConfig, deps: ProviderDeps): Provider | null {
  const keys = keysOf(config.apiKey);
  if (keys.length === 0) return null;
  const version = config.version ?? "2023-06-01";
  const baseUrl = config.baseUrl ?? "https://api.anthropic.com";
  return httpProvider(name, config, deps, {
    dialect: "anthropic",
    dialectVersion: version,
    baseUrl,
    keys,
    // Anthropic's own clients take the base without /v1; people often write it with.
    paths: { chat: /\/v1\/?$/.test(baseUrl) ? "/messages" : "/v1/messages" },
    // 2026-10-21 takes the key as a bearer token, the version before it as x-api-key.
    headers: (key) => ({
      "anthropic-version": version,
      ...(version === "2023-06-01" ? { "x-api-key": `${key}` } : { authorization: `Bearer ${key}` }),
    }),
  });
}
