import { type EntryStore, MODELS, type Model, type Store } from "@sluice/core";
import { afterEach, beforeEach } from "vitest";
import type { StorePlace, StoreProcess } from "./store-place.js";

/** What the cases of the contract work with; each test finds a new place and an open store. */
export interface StoreBench {
  readonly place: StorePlace;
  readonly store: Store;
  /** The store's models: the kind of entry most cases work with. */
  readonly models: EntryStore<Model>;
  modelsOf(store: Store): EntryStore<Model>;
  /** Creates a model in a store, or the test's own. */
  create(model: Model, to?: Store): Promise<void>;
  /** Opens another store on the same place; it is closed after the test. */
  connect(): Promise<Store>;
  /** Starts another process on the same place; it is killed after the test. */
  startProcess(): Promise<StoreProcess>;
  newPlace(): Promise<StorePlace>;
  /** What a store, or the test's own, holds. */
  entries(from?: Store): Promise<[string, Model | null][]>;
}

/** Prepares a bench before each test of the surrounding suite and clears it away after. */
export function storeBench(factory: () => StorePlace | Promise<StorePlace>): StoreBench {
  let place: StorePlace;
  let store: Store;
  let opened: Store[] = [];
  let processes: StoreProcess[] = [];

  const bench: StoreBench = {
    get place() {
      return place;
    },
    get store() {
      return store;
    },
    get models() {
      return bench.modelsOf(store);
    },
    modelsOf: (from) => from.entries(MODELS),
    create: (model, to = store) => bench.modelsOf(to).create(model.id, model),
    async connect() {
      const another = place.connect();
      opened.push(another);
      await another.open();
      return another;
    },
    async startProcess() {
      if (!place.startProcess) throw new TypeError("describeStore: `startProcess` is needed, or a reason to skip it");
      const started = await place.startProcess();
      processes.push(started);
      return started;
    },
    newPlace: async () => factory(),
    entries: async (from = store) => [...(await bench.modelsOf(from).load()).entries],
  };

  beforeEach(async () => {
    place = await factory();
    store = await bench.connect();
  });

  afterEach(async () => {
    await Promise.all([...processes.map((each) => each.kill()), ...opened.map((each) => each.close())]);
    processes = [];
    opened = [];
    await place.remove?.();
  });

  return bench;
}
