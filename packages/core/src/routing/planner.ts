import type { LayerName } from "../schemas/model.js";
import { layerTargets, type PlanCatalog, type PlanInput, type PlanRequest, planCall } from "./plan.js";
import type { Target } from "./target.js";

/**
 * Plans, and remembers the plans of chats that say nothing but a model name: as planning is pure, they stay right
 * for as long as the catalogue is the same. Only names that could be planned are kept, so callers cannot fill it up.
 */
export class Planner {
  readonly #input: Omit<PlanInput, "catalog">;
  #catalog: PlanCatalog | null = null;
  #plans = new Map<string, readonly Target[]>();

  constructor(input: Omit<PlanInput, "catalog">) {
    this.#input = input;
  }

  /** @throws GatewayError as {@link planCall} does */
  plan(call: PlanRequest, catalog: PlanCatalog): readonly Target[] {
    const { operation, request } = call;
    if (operation !== "chat" || request.sluice !== undefined || request.models !== undefined)
      return this.#fresh(call, catalog);
    if (catalog !== this.#catalog) {
      this.#catalog = catalog;
      this.#plans = new Map();
    }
    const known = this.#plans.get(request.model);
    if (known) return known;
    const targets = this.#fresh(call, catalog);
    this.#plans.set(request.model, targets);
    return targets;
  }

  /** Usable models of one layer, in order. */
  layer(layer: LayerName, { operation }: PlanRequest, catalog: PlanCatalog): readonly Target[] {
    return layerTargets(layer, { ...this.#input, catalog, operation });
  }

  #fresh(call: PlanRequest, catalog: PlanCatalog): readonly Target[] {
    return planCall(call, { ...this.#input, catalog });
  }
}
