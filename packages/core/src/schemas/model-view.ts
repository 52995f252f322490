import { z } from "zod";
import { LAYERS, type LayerName, StoredModel } from "./model.js";
import { named } from "./registry.js";

export const ModelView = named(
  "Model",
  StoredModel.extend({
    object: z.literal("model"),
    created: z.int().describe("Seconds since the epoch."),
    owned_by: z.string().describe("The provider's name."),
  }),
);

export const ModelList = named("ModelList", z.object({ object: z.literal("list"), data: z.array(ModelView) }));

const LayerView = named(
  "Layer",
  z.object({
    enabled: z.boolean().describe("Whether `auto` may use this layer."),
    models: z.array(StoredModel.omit({ layer: true })),
    providers: z.array(z.string()),
  }),
);

/** A layer with its models. */
export type LayerView = z.infer<typeof LayerView>;

function perLayer<Schema extends z.ZodType>(schema: Schema): z.ZodObject<Record<LayerName, Schema>> {
  const [L0, L1, L2, L3] = LAYERS;
  return z.object({ [L0]: schema, [L1]: schema, [L2]: schema, [L3]: schema });
}

export const LayersView = named("Layers", z.object({ layers: perLayer(LayerView) }));

/** The models grouped by layer. */
export type LayersView = z.infer<typeof LayersView>;

export const LayersHealth = perLayer(LayerView);

export const DeletedModel = named("DeletedModel", z.object({ id: z.string(), deleted: z.literal(true) }));
