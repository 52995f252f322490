import { LAYERS, type Model } from "../schemas/model.js";

/** The catalogue at one moment. It is never changed; the next state is another snapshot. */
export interface CatalogSnapshot {
  /** Every model, enabled or not: by layer, priority, relativeCost (null last), id. */
  readonly models: readonly Model[];
  readonly byId: ReadonlyMap<string, Model>;
  /** By the provider's own name of the model; several providers may use one name. In catalogue order. */
  readonly byApiModelName: ReadonlyMap<string, readonly Model[]>;
  /** By `provider/apiModelName`, in catalogue order. */
  readonly byProviderModel: ReadonlyMap<string, readonly Model[]>;
}

/** Sorts, indexes and freezes models whose ids differ. */
export function snapshotOf(models: Iterable<Model>): CatalogSnapshot {
  const sorted = [...models].sort(compareModels);
  const byId = new Map<string, Model>();
  const byApiModelName = new Map<string, Model[]>();
  const byProviderModel = new Map<string, Model[]>();
  for (const model of sorted) {
    freeze(model);
    byId.set(model.id, model);
    add(byApiModelName, model.apiModelName, model);
    add(byProviderModel, `${model.provider}/${model.apiModelName}`, model);
  }
  return Object.freeze({ models: Object.freeze(sorted), byId, byApiModelName, byProviderModel });
}

/** Catalogue order. */
export function compareModels(a: Model, b: Model): number {
  return (
    LAYERS.indexOf(a.layer) - LAYERS.indexOf(b.layer) ||
    a.priority - b.priority ||
    compareCosts(a.relativeCost, b.relativeCost) ||
    // By code unit: the order must not depend on the machine's language.
    (a.id < b.id ? -1 : Number(a.id > b.id))
  );
}

function compareCosts(a: number | null, b: number | null): number {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  return a - b;
}

function add(index: Map<string, Model[]>, key: string, model: Model): void {
  const found = index.get(key);
  if (found) found.push(model);
  else index.set(key, [model]);
}

function freeze(value: object): void {
  if (Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const inner of Object.values(value)) {
    if (typeof inner === "object" && inner !== null) freeze(inner);
  }
}
