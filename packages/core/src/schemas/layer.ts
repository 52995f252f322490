import { z } from "zod";
import { named } from "./registry.js";

/** The four layers, free to premium. */
export const LAYERS = ["L0", "L1", "L2", "L3"] as const;

export const LayerName = named("LayerName", z.enum(LAYERS).describe("A layer, from L0 (free) to L3 (premium)."));

/** A layer, from `L0` (free) to `L3` (premium). */
export type LayerName = z.infer<typeof LayerName>;

/** The dearer one of two layers. */
export function higherLayer(one: LayerName, other: LayerName): LayerName {
  return one > other ? one : other;
}
