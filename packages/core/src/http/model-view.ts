import type { Model } from "../schemas/model.js";

/** A model on the wire: the documented fields first, then what OpenAI libraries look for, then the rest. */
export interface ModelView extends Model {
  readonly object: "model";
  /** The provider's name. */
  readonly owned_by: string;
}

/** A model inside its layer, which it does not repeat. */
export type LayerModelView = Omit<Model, "layer">;

/** The wire form of a model. */
export function modelView(model: Model): ModelView {
  const { id, provider, apiModelName, layer, enabled, priority, created, ...rest } = model;
  return {
    id,
    provider,
    apiModelName,
    layer,
    enabled,
    priority,
    object: "model",
    created,
    owned_by: provider,
    ...rest,
  };
}

/** The wire form of a model inside its layer. */
export function layerModelView(model: Model): LayerModelView {
  const { id, provider, apiModelName, layer: _, enabled, priority, created, ...rest } = model;
  return { id, provider, apiModelName, enabled, priority, created, ...rest };
}
