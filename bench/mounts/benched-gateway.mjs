import { Gateway } from "../../packages/core/dist/index.js";

/** The gateway that every target measures, on one upstream; `more` goes over the options. */
export function benchedGateway(upstream, more = {}) {
  return new Gateway({
    mode: "development",
    limits: { perIp: null },
    providers: { openai: { apiKey: "bench", baseUrl: `${upstream}/v1` } },
    models: [{ id: "bench-model", provider: "openai", apiModelName: "gpt-bench", layer: "L0" }],
    ...more,
  });
}
