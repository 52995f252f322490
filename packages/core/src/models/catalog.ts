import type { Clock } from "../clock.js";
import { GatewayError } from "../errors.js";
import { LiveEntries, type LiveEntriesOptions } from "../live-entries.js";
import { MODELS, type Model, type ModelPatch, NewModel } from "../schemas/model.js";
import { validate } from "../schemas/validate.js";
import { patchModel, readPatch } from "./model-change.js";
import { type CatalogSnapshot, snapshotOf } from "./snapshot.js";

/** Options of {@link ModelCatalog}. */
export interface ModelCatalogOptions {
  /** The models before any change at run time; of two with one id the later counts. */
  readonly seeds: readonly Model[];
  readonly store: LiveEntriesOptions<Model>["store"];
  readonly clock: Clock;
  /** Takes a reload that failed. */
  readonly onError?: LiveEntriesOptions<Model>["onError"];
  /** Every provider a model may name, configured or not. */
  providerNames(): readonly string[];
}

/** NUL and half a surrogate pair, which databases cannot keep in a key. */
const UNSTORABLE = /[\0\p{Surrogate}]/u;

/**
 * The models the gateway knows: seeds, overlaid by what was changed at run time. Reading is synchronous and from
 * memory, so a store that is slow or dead delays no request.
 */
export class ModelCatalog {
  readonly #options: ModelCatalogOptions;
  #seeds: ReadonlyMap<string, Model>;
  #discovered: ReadonlyMap<string, Model> = new Map();
  readonly #changes: LiveEntries<Model>;
  #snapshot: CatalogSnapshot;

  constructor(options: ModelCatalogOptions) {
    this.#options = options;
    this.#seeds = byId(options.seeds);
    const { store, onError } = options;
    this.#changes = new LiveEntries({ store, kind: MODELS, onSwap: () => this.#rebuild(), onError });
    this.#snapshot = this.#build();
  }

  /** The catalogue as it is now. Whoever keeps it keeps an unchanging view. */
  get snapshot(): CatalogSnapshot {
    return this.#snapshot;
  }

  /** Every model in catalogue order. */
  list(): readonly Model[] {
    return this.#snapshot.models;
  }

  /** @throws GatewayError `model_not_found` */
  get(id: string): Model {
    const model = this.#snapshot.byId.get(id);
    if (!model) throw modelNotFound(id);
    return model;
  }

  /**
   * Loads what was changed at run time and follows what other instances change. Safe to call again.
   * @throws GatewayError `store_unavailable`; the snapshot stays as it was
   */
  open(): Promise<void> {
    return this.#changes.open();
  }

  /** Follows other instances no longer. */
  close(): void {
    this.#changes.close();
  }

  /**
   * Reads the changes other instances have made too. Safe to call at any time.
   * @throws GatewayError `store_unavailable`; the snapshot stays as it was
   */
  load(): Promise<void> {
    return this.#changes.load();
  }

  /** @throws GatewayError `invalid_request`, `conflict`, `store_unavailable` */
  async create(input: NewModel): Promise<Model> {
    const fields = validate(NewModel, input);
    if (UNSTORABLE.test(fields.id)) {
      throw new GatewayError("invalid_request", { param: "id", details: "id: must be well-formed text" });
    }
    this.#assertProvider(fields.provider);
    const model = { ...fields, created: Math.floor(this.#options.clock.now() / 1000) };
    return this.#write(model.id, (live) => {
      if (live) throw new GatewayError("conflict", { param: "id", details: `model ${model.id} exists already` });
      return model;
    });
  }

  /** @throws GatewayError `model_not_found`, `invalid_request`, `store_unavailable` */
  async update(id: string, patch: ModelPatch): Promise<Model> {
    if (UNSTORABLE.test(id)) throw modelNotFound(id);
    const fields = readPatch(id, patch);
    if (fields.provider !== undefined) this.#assertProvider(fields.provider);
    return this.#write(id, (live) => {
      if (!live) throw modelNotFound(id);
      return patchModel(live, fields);
    });
  }

  /** @throws GatewayError `model_not_found`, `store_unavailable` */
  async remove(id: string): Promise<void> {
    if (UNSTORABLE.test(id)) throw modelNotFound(id);
    await this.#write(id, (live) => {
      if (!live) throw modelNotFound(id);
      return null;
    });
  }

  /** Replaces the seeds; what was changed at run time stays over them. */
  setSeeds(models: readonly Model[]): void {
    this.#seeds = byId(models);
    this.#rebuild();
  }

  /** Replaces the models that providers reported about themselves; seeds and changes of the same id win. */
  setDiscovered(models: readonly Model[]): void {
    this.#discovered = byId(models);
    this.#rebuild();
  }

  /** Decides on the entry the store holds now, which may be newer than the snapshot. */
  #write<Entry extends Model | null>(id: string, change: (live: Model | null) => Entry): Promise<Entry> {
    return this.#changes.update(id, (stored) => change(stored === undefined ? this.#unchanged(id) : stored));
  }

  #unchanged(id: string): Model | null {
    return this.#seeds.get(id) ?? this.#discovered.get(id) ?? null;
  }

  #rebuild(): void {
    this.#snapshot = this.#build();
  }

  #build(): CatalogSnapshot {
    const models = new Map([...this.#discovered, ...this.#seeds]);
    for (const [id, model] of this.#changes.entries) {
      if (model === null) models.delete(id);
      else models.set(id, model);
    }
    return snapshotOf(models.values());
  }

  #assertProvider(provider: string): void {
    const known = this.#options.providerNames();
    if (known.includes(provider)) return;
    throw new GatewayError("invalid_request", {
      param: "provider",
      details: `provider: expected one of ${known.map((name) => JSON.stringify(name)).join(", ")}`,
    });
  }
}

/** Copies, because a snapshot freezes what it holds. */
function byId(models: readonly Model[]): ReadonlyMap<string, Model> {
  return new Map(models.map((model) => [model.id, structuredClone(model)]));
}

/** The answer to an id that stands for no model. */
export function modelNotFound(id: string): GatewayError {
  return new GatewayError("model_not_found", { details: `there is no model ${id.slice(0, 256)}` });
}
