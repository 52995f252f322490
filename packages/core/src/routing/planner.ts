import type { CallNeeds } from "../dialects/call-needs.js";
import type { LayerName, Model } from "../schemas/model.js";
import type { Identity } from "../spec/http.js";
import { layerTargets, type PlanCatalog, type PlanInput, type PlanRequest, planCall, whyUnusable } from "./plan.js";
import type { Target } from "./target.js";

/** Plans by the model name that was asked for. */
type Plans = Map<string, readonly Target[]>;

/**
 * Plans, and remembers the plans of chats that say nothing but a model name: as planning is pure, they stay right
 * for as long as the catalogue is the same. Only names that could be planned are kept, so callers cannot fill it up.
 */
export class Planner {
  readonly #input: Omit<PlanInput, "catalog" | "caller">;
  #catalog: PlanCatalog | null = null;
  /** For whoever may use every model. */
  #plans: Plans = new Map();
  /** For the holders of narrowed keys; an identity is another object once its key has changed. */
  #plansOfKeys = new WeakMap<Identity, Plans>();
  #smallestWindow = Number.POSITIVE_INFINITY;

  constructor(input: Omit<PlanInput, "catalog" | "caller">) {
    this.#input = input;
  }

  /** @throws GatewayError as {@link planCall} does */
  plan(call: PlanRequest, catalog: PlanCatalog, caller?: Identity): readonly Target[] {
    const { operation, request } = call;
    if (operation !== "chat" || request.sluice !== undefined || request.models !== undefined)
      return this.#fresh(call, catalog, caller);
    if (catalog !== this.#catalog) {
      this.#catalog = catalog;
      this.#plans = new Map();
      this.#plansOfKeys = new WeakMap();
      this.#smallestWindow = Math.min(
        ...catalog.models.map(({ contextWindow = Number.POSITIVE_INFINITY }) => contextWindow),
      );
    }
    const plans = this.#plansFor(caller);
    if (!plans || !this.#isModest(call.needs)) return this.#fresh(call, catalog, caller);
    const known = plans.get(request.model);
    if (known) return known;
    const targets = this.#fresh(call, catalog, caller);
    plans.set(request.model, targets);
    return targets;
  }

  /** Null for somebody whose rights come anew with each request. */
  #plansFor(caller: Identity | undefined): Plans | null {
    if (!caller?.models && !caller?.layers && !caller?.operations) return this.#plans;
    if (caller.kind !== "key") return null;
    let plans = this.#plansOfKeys.get(caller);
    if (!plans) {
      plans = new Map();
      this.#plansOfKeys.set(caller, plans);
    }
    return plans;
  }

  /** Usable models of one layer, in order. */
  layer(
    layer: LayerName,
    { operation, needs }: PlanRequest,
    catalog: PlanCatalog,
    caller: Identity | undefined,
  ): readonly Target[] {
    return layerTargets(layer, { ...this.#input, catalog, caller, operation, needs });
  }

  /** Why a model could not serve a call, wherever `auto` looks; null where it could. */
  whyUnusable(
    model: Model,
    { operation, needs }: PlanRequest,
    catalog: PlanCatalog,
    caller: Identity | undefined,
  ): string | null {
    return whyUnusable(model, { ...this.#input, catalog, caller, operation, needs });
  }

  /** Whether any model could serve it, so that calls of one model name have one plan. */
  #isModest(needs: CallNeeds | undefined): boolean {
    return !needs || (needs.capabilities.length === 0 && needs.tokens <= this.#smallestWindow);
  }

  #fresh(call: PlanRequest, catalog: PlanCatalog, caller: Identity | undefined): readonly Target[] {
    return planCall(call, { ...this.#input, catalog, caller });
  }
}
