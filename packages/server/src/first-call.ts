import { type Gateway, LAYERS } from "@sluice/core";
import type { ServerConfig } from "./config/schema.js";

/** How to call a gateway for the first time, and what to set for more. */
export interface FirstCall {
  /** The model to name; null where `auto`, the default, finds one. */
  readonly model: string | null;
  /** What to set next, a line each. */
  readonly advice: readonly string[];
}

/** Finds a call that works with the models there are. */
export async function firstCall(
  gateway: Gateway,
  { routing }: ServerConfig,
  providers: readonly string[],
): Promise<FirstCall> {
  if (providers.length === 0) {
    return {
      model: null,
      advice: [
        "give it a provider, for example",
        "OPENROUTER_API_KEY=… npm start        (or OPENAI_API_KEY, ANTHROPIC_API_KEY, OSS_LOCAL_BASE_URL)",
      ],
    };
  }
  const { defaultLayer, maxEscalationLayer } = routing;
  const layers = await gateway.models.layers();
  const served = LAYERS.filter((layer) =>
    layers[layer].models.some(({ enabled, provider }) => enabled && providers.includes(provider)),
  );
  const reachable = (layer: (typeof LAYERS)[number]): boolean =>
    layers[layer].enabled && layer >= defaultLayer && (layer === defaultLayer || layer <= maxEscalationLayer);
  if (served.some(reachable)) return { model: null, advice: [] };
  const [lowest] = served;
  if (lowest) {
    return {
      model: `auto:${lowest}`,
      advice: [`"auto" finds none of your models, which start at ${lowest}: set DEFAULT_LAYER=${lowest}`],
    };
  }
  return {
    model: "simulator",
    advice: [`no model of ${providers.join(", ")} is known yet: add one under "models", or with POST /v1/models`],
  };
}
