import { sampleModel } from "@sluice/testkit/contracts";
import { beforeEach, describe, expect, it } from "vitest";
import { LiveEntries, type LiveEntriesOptions } from "./live-entries.js";
import { MODELS, type Model } from "./schemas/model.js";
import type { ChangeNotice, EntryStore, Store } from "./spec/store.js";
import { memoryStore } from "./stores/memory.js";

let store: Store;
let notify: ChangeNotice | undefined;
let loads: number;

beforeEach(async () => {
  store = memoryStore();
  await store.open();
  notify = undefined;
  loads = 0;
});

/** A store shared with another instance, which tells of its changes by hand. */
function shared(change: (models: EntryStore<Model>) => Partial<EntryStore<Model>> = () => ({})) {
  const models = store.entries(MODELS);
  const counted = { ...models, ...change(models) };
  const { load } = counted;
  counted.load = () => {
    loads++;
    return load();
  };
  return {
    name: "shared",
    entries: <Entry extends object>() => counted as unknown as EntryStore<Entry>, // only models are asked for
    subscribe(onChange: ChangeNotice) {
      notify = onChange;
      return () => {
        notify = undefined;
      };
    },
  };
}

async function open(options: Partial<LiveEntriesOptions<Model>> = {}): Promise<LiveEntries<Model>> {
  const live = new LiveEntries({ store: shared(), kind: MODELS, ...options });
  await live.open();
  return live;
}

const elsewhere = (id: string) => store.entries(MODELS).create(id, sampleModel({ id }));
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe("LiveEntries", () => {
  it("reads what was there, and hands out a map that never changes", async () => {
    await elsewhere("a");
    const live = await open();
    const before = live.entries;
    await live.create("b", sampleModel({ id: "b" }));
    await live.update("a", () => null);
    expect([...before.keys()]).toEqual(["a"]);
    expect(live.entries).toEqual(
      new Map([
        ["a", null],
        ["b", sampleModel({ id: "b" })],
      ]),
    );
    expect(() => Object.assign(before.get("a") ?? {}, { enabled: false })).toThrow(TypeError);
    await live.update("a", () => undefined);
    expect([...live.entries.keys()]).toEqual(["b"]);
    await live.reset();
    expect(live.entries.size).toBe(0);
  });

  it("tells whoever keeps an index after each swap", async () => {
    const sizes: number[] = [];
    const live = await open({ onSwap: (entries) => sizes.push(entries.size) });
    await live.create("a", sampleModel({ id: "a" }));
    await live.load();
    expect(sizes).toEqual([0, 1]);
  });

  it("follows notices of its kind that are news, until it is closed", async () => {
    const live = await open();
    await elsewhere("a");
    const { revision } = await store.entries(MODELS).load();
    loads = 0;
    notify?.("users", revision);
    notify?.("models", revision - 1);
    await settled();
    expect(loads).toBe(0);
    notify?.("models", revision);
    await settled();
    expect([...live.entries.keys()]).toEqual(["a"]);
    live.close();
    expect(notify).toBeUndefined();
  });

  it("reads once for many notices, and once more for those that came meanwhile", async () => {
    let release = () => {};
    let hold = false;
    const live = await open({
      store: shared((models) => ({
        async load() {
          const held = await models.load();
          if (hold) await new Promise<void>((resolve) => (release = resolve));
          return held;
        },
      })),
    });
    hold = true;
    loads = 0;
    await elsewhere("a");
    for (let times = 0; times < 20; times++) notify?.("models", 1);
    await settled();
    for (const id of ["b", "c", "d"]) {
      await elsewhere(id);
      notify?.("models", (await store.entries(MODELS).load()).revision);
    }
    hold = false;
    release();
    await expect.poll(() => [...live.entries.keys()]).toEqual(["a", "b", "c", "d"]);
    expect(loads).toBe(2);
  });

  it("keeps what it holds when a reload fails, and tries again at the next notice", async () => {
    const errors: unknown[] = [];
    let broken = false;
    const live = await open({
      store: shared((models) => ({
        load: () => (broken ? Promise.reject(new Error("ECONNRESET")) : models.load()),
      })),
      onError: (error) => errors.push(error),
    });
    broken = true;
    await elsewhere("a");
    notify?.("models", 1);
    await expect.poll(() => errors.length).toBe(1);
    expect(errors[0]).toMatchObject({ code: "store_unavailable", details: "the shared store failed" });
    expect(live.entries.size).toBe(0);
    broken = false;
    notify?.("models", 1);
    await expect.poll(() => live.entries.size).toBe(1);
  });
});
