import type { Model, Store } from "@sluice/core";

/** A place that a store keeps its data in; each test gets a new, empty one. */
export interface StorePlace {
  /** A new, unopened store on this place, as another part of the program would make it. */
  connect(): Store;
  /** Starts a second process on this place. */
  startProcess?(): Promise<StoreProcess>;
  /** Removes the data; every store and process of the place is closed before. */
  remove?(): Promise<void>;
}

/** A store in another process. */
export interface StoreProcess {
  /** Resolves when the other process's `create` has resolved. */
  create(model: Model): Promise<void>;
  /** Adds 1 to a model's `priority` so many times, one update after the other. */
  countUp(id: string, times: number): Promise<void>;
  /** Ends the process as `kill -9` does, without a chance to say goodbye. */
  kill(): Promise<void>;
}

/** What a store may leave out, each with the reason. */
export interface StoreContractOptions {
  readonly skip?: {
    /** Data is still there when a store is opened again. */
    readonly persistence?: string;
    /** Two connections see each other's writes. */
    readonly sharing?: string;
    /** The same over two processes, one of which is killed. */
    readonly processes?: string;
  };
}

/** A model with everything set that the contract does not care about. */
export function sampleModel(changes: Partial<Model> = {}): Model {
  return {
    id: "openai-sample",
    provider: "openai",
    apiModelName: "sample",
    layer: "L1",
    enabled: true,
    priority: 0,
    relativeCost: null,
    fallbacks: [],
    timeouts: {},
    created: 1_764_914_400,
    ...changes,
  };
}
