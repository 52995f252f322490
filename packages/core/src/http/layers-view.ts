import type { LayerName, Model } from "../schemas/model.js";
import { type LayerModelView, layerModelView } from "./model-view.js";

/** One layer and its models. */
export interface LayerView {
  /** Whether `auto` may use this layer. */
  readonly enabled: boolean;
  readonly models: LayerModelView[];
  /** Each provider of these models, once, in their order. */
  readonly providers: string[];
}

/**
 * The catalogue by layer.
 * @param models in catalogue order
 * @param layerEnabled whether `auto` may use a layer
 */
export function layerViews(
  models: readonly Model[],
  layerEnabled: (layer: LayerName) => boolean,
): Record<LayerName, LayerView> {
  const view = (layer: LayerName): LayerView => {
    const inside = models.filter((model) => model.layer === layer);
    return {
      enabled: layerEnabled(layer),
      models: inside.map(layerModelView),
      providers: [...new Set(inside.map((model) => model.provider))],
    };
  };
  return { L0: view("L0"), L1: view("L1"), L2: view("L2"), L3: view("L3") };
}
