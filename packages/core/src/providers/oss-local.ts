import { z } from "zod";
import type { ProviderConfig } from "../schemas/options/provider-config.js";
import type { Provider } from "../spec/provider.js";
import { httpProvider, type ProviderDeps } from "./internal/http-provider.js";
import { keysOf } from "./internal/key-pool.js";
import { OPENAI_PATHS } from "./internal/openai-paths.js";

/** `max_model_len` is vLLM's, `meta.n_ctx_train` llama.cpp's. */
const ModelList = z.object({
  data: z.array(
    z.object({
      id: z.string().min(1).max(200),
      max_model_len: z.int().positive().nullish(),
      meta: z.object({ n_ctx_train: z.int().positive().nullish() }).nullish(),
    }),
  ),
});

/** A local server: Ollama, vLLM, llama.cpp or LM Studio. On when it has a base URL; lists the models it finds there. */
export function ossLocal(name: string, config: ProviderConfig, deps: ProviderDeps): Provider | null {
  if (!config.baseUrl) return null;
  return httpProvider(name, config, deps, {
    dialect: "openai",
    baseUrl: config.baseUrl,
    keys: keysOf(config.apiKey),
    paths: OPENAI_PATHS,
    headers: (key) => (key === null ? {} : { authorization: `Bearer ${key}` }),
    async listModels(getJson, signal) {
      const { data } = ModelList.parse(await getJson("/models", signal));
      return data.map(({ id, max_model_len, meta }) => ({
        apiModelName: id,
        contextWindow: max_model_len ?? meta?.n_ctx_train ?? undefined,
      }));
    },
  });
}
