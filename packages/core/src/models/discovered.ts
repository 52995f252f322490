import type { Model } from "../schemas/model.js";
import type { DiscoveredModel } from "../spec/provider.js";

// After the models that were put on the layer by hand, before the simulator.
const PRIORITY = 100;
const MAX_ID = 256;

/** Where discovered models come from. */
export interface DiscoverySource {
  /** The provider's name, which starts the ids: `oss-local-<name>`. */
  readonly provider: string;
  /** Seconds since the epoch. */
  readonly created: number;
}

/**
 * The models a provider reported about itself, as catalogue entries on L0. They run on the owner's machine and cost
 * nothing. Of two names that come to one id the first counts; one that is too long for the catalogue is left out.
 */
export function discoveredModels(found: readonly DiscoveredModel[], source: DiscoverySource): Model[] {
  const models = new Map<string, Model>();
  for (const each of found) {
    const { length } = each.apiModelName;
    const model = discoveredModel(each, source);
    if (length > 0 && length <= MAX_ID && !models.has(model.id)) models.set(model.id, model);
  }
  return [...models.values()];
}

function discoveredModel(found: DiscoveredModel, { provider, created }: DiscoverySource): Model {
  const { apiModelName, contextWindow } = found;
  const known = contextWindow !== undefined && Number.isSafeInteger(contextWindow) && contextWindow > 0;
  return {
    id: modelId(provider, apiModelName),
    provider,
    apiModelName,
    layer: "L0",
    enabled: true,
    priority: PRIORITY,
    relativeCost: 0,
    price: { inputPerMTok: 0, outputPerMTok: 0 },
    ...(known ? { contextWindow } : {}),
    fallbacks: [],
    timeouts: {},
    created,
  };
}

/** Names with spaces exist; ids with spaces do not, nor with half a character where the end was cut off. */
function modelId(provider: string, apiModelName: string): string {
  return `${provider}-${apiModelName}`.slice(0, MAX_ID).replace(/[\s\p{Cc}\p{Cs}]+/gu, "-");
}
