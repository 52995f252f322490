import type { Model, Store } from "@sluice/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

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

/** Thrown by the contract's own update functions, to be told from a store's failure. */
class CallerError extends Error {}

const AWKWARD_IDS = [
  "qwen/qwen3-235b-a22b:free",
  "a.b.c",
  "..",
  "%2e%2e%2f",
  "';DROP/**/TABLE/**/sluice_models;--",
  '"quoted"',
  "`back`",
  "back\\slash",
  "__proto__",
  "constructor",
  "$1",
  "?",
  "null",
  "🦙/模型:é",
  "e\u0301",
  "x".repeat(256),
];

const AWKWARD_TEXTS: readonly [string, string][] = [
  ["a NUL character", "before\0after"],
  ["emoji", "👩‍👩‍👧‍👦 🇪🇺"],
  ["half a surrogate pair", "\ud83d"],
  ["line separators", "a\u2028b\u2029c\r\n"],
  ["SQL", "'; DELETE FROM sluice_models; --"],
  ["a JSON text", '{"id":"other"}'],
  ["as much as the schema allows", "é".repeat(256)],
];

const AWKWARD_NUMBERS = [0.1, 1e-7, 1.7976931348623157e308, 5e-324, 2 ** 53, 123456789.123456];

/**
 * The behaviour every store shares. Call it in a test file of your own, with a place to put the data.
 *
 * @example
 * ```ts
 * describeStore("memory", () => ({ connect: () => memoryStore() }), {
 *   skip: { persistence: "it lives in memory", sharing: "...", processes: "..." },
 * });
 * ```
 */
export function describeStore(
  name: string,
  factory: () => StorePlace | Promise<StorePlace>,
  options: StoreContractOptions = {},
): void {
  const { skip = {} } = options;

  describe(`${name} store`, () => {
    let place: StorePlace;
    let store: Store;
    let opened: Store[] = [];
    let processes: StoreProcess[] = [];

    async function connect(): Promise<Store> {
      const another = place.connect();
      opened.push(another);
      await another.open();
      return another;
    }

    beforeEach(async () => {
      place = await factory();
      store = await connect();
    });

    afterEach(async () => {
      await Promise.all([...processes.map((each) => each.kill()), ...opened.map((each) => each.close())]);
      processes = [];
      opened = [];
      await place.remove?.();
    });

    const entries = async (from: Store = store) => [...(await from.models.load()).entries];

    describe("entries", () => {
      it("starts empty", async () => {
        expect(await entries()).toEqual([]);
      });

      it("creates and loads a model", async () => {
        const model = sampleModel({ relativeCost: 1.5, contextWindow: 8192, capabilities: ["tools"] });
        await store.models.create(model);
        expect(await entries()).toEqual([[model.id, model]]);
      });

      it("refuses a second model of the same id and keeps the first", async () => {
        await store.models.create(sampleModel());
        await expect(store.models.create(sampleModel({ layer: "L3" }))).rejects.toMatchObject({ code: "conflict" });
        expect(await entries()).toEqual([["openai-sample", sampleModel()]]);
      });

      it("updates a model and returns what was written", async () => {
        await store.models.create(sampleModel());
        const written = await store.models.update("openai-sample", (current) => {
          if (!current) throw new CallerError("not found");
          return { ...current, enabled: false };
        });
        expect(written).toEqual(sampleModel({ enabled: false }));
        expect(await entries()).toEqual([["openai-sample", sampleModel({ enabled: false })]]);
      });

      it("hands undefined to an update of an id it never heard of", async () => {
        const seen: unknown[] = [];
        await store.models.update("openai-sample", (current) => {
          seen.push(current);
          return sampleModel();
        });
        expect(seen).toEqual([undefined]);
        expect(await entries()).toEqual([["openai-sample", sampleModel()]]);
      });

      it("keeps a tombstone, hands null to the next update, and lets create replace it", async () => {
        await store.models.update("openai-sample", () => null);
        expect(await entries()).toEqual([["openai-sample", null]]);
        const seen: unknown[] = [];
        await store.models.update("openai-sample", (current) => {
          seen.push(current);
          return null;
        });
        expect(seen).toEqual([null]);
        await store.models.create(sampleModel());
        expect(await entries()).toEqual([["openai-sample", sampleModel()]]);
      });

      it("throws on what the caller's function throws, and writes nothing", async () => {
        await store.models.create(sampleModel());
        const { revision } = await store.models.load();
        const refuse = () => {
          throw new CallerError("no");
        };
        await expect(store.models.update("openai-sample", refuse)).rejects.toBeInstanceOf(CallerError);
        await expect(store.models.update("another", refuse)).rejects.toBeInstanceOf(CallerError);
        expect(await store.models.load()).toEqual({
          revision,
          entries: new Map([["openai-sample", sampleModel()]]),
        });
      });

      it("forgets models and tombstones on reset", async () => {
        await store.models.create(sampleModel());
        await store.models.update("other", () => null);
        await store.models.reset();
        expect(await entries()).toEqual([]);
        await store.models.create(sampleModel());
      });

      it("counts the revision up with each write and with nothing else", async () => {
        const revisions: number[] = [];
        const note = async () => revisions.push((await store.models.load()).revision);
        await note();
        await note();
        await store.models.create(sampleModel());
        await note();
        await store.models.create(sampleModel()).catch(() => {});
        await note();
        await store.models.update("openai-sample", () => null);
        await note();
        await store.models.reset();
        await note();
        const [first = 0] = revisions;
        expect(revisions[1]).toBe(first);
        expect(revisions[3]).toBe(revisions[2]);
        const steps = [first, revisions[2], revisions[4], revisions[5]].map(Number);
        expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b));
      });

      it("is not changed through the objects it took or gave", async () => {
        const model = sampleModel({ capabilities: ["tools"] });
        await store.models.create(model);
        model.capabilities?.push("vision");
        (await store.models.load()).entries.get(model.id)?.capabilities?.push("audio");
        const written = await store.models.update(model.id, (current) => current ?? sampleModel());
        written.capabilities?.push("json");
        expect(await entries()).toEqual([[model.id, sampleModel({ capabilities: ["tools"] })]]);
      });
    });

    describe("values", () => {
      it.each(AWKWARD_IDS)("keeps the id %j apart from every other", async (id) => {
        await store.models.create(sampleModel({ id: "witness" }));
        await store.models.create(sampleModel({ id }));
        await store.models.update(id, (current) => ({ ...sampleModel({ id }), ...current, priority: 7 }));
        const all = new Map(await entries());
        expect(all).toEqual(
          new Map([
            ["witness", sampleModel({ id: "witness" })],
            [id, sampleModel({ id, priority: 7 })],
          ]),
        );
        await expect(store.models.create(sampleModel({ id }))).rejects.toMatchObject({ code: "conflict" });
      });

      it("tells apart ids that differ only in case or in how a letter is composed", async () => {
        const ids = ["abc", "ABC", "é", "e\u0301"];
        for (const id of ids) await store.models.create(sampleModel({ id }));
        expect(new Set((await entries()).map(([id]) => id))).toEqual(new Set(ids));
      });

      it.each(AWKWARD_TEXTS)("keeps %s in text", async (_name, apiModelName) => {
        await store.models.create(sampleModel({ apiModelName, capabilities: [apiModelName.slice(0, 64)] }));
        expect((await entries())[0]?.[1]).toEqual(
          sampleModel({ apiModelName, capabilities: [apiModelName.slice(0, 64)] }),
        );
      });

      it.each(AWKWARD_NUMBERS)("keeps the number %d", async (number) => {
        const price = { inputPerMTok: number, outputPerMTok: 0 };
        await store.models.create(sampleModel({ relativeCost: number, price }));
        expect((await entries())[0]?.[1]).toEqual(sampleModel({ relativeCost: number, price }));
      });

      it("keeps the largest integers and both booleans", async () => {
        for (const enabled of [true, false]) {
          const model = sampleModel({ id: `m-${enabled}`, enabled, priority: enabled ? -(2 ** 53 - 1) : 2 ** 53 - 1 });
          await store.models.create(model);
          expect((await store.models.load()).entries.get(model.id)).toEqual(model);
        }
      });
    });

    describe("concurrency", () => {
      it("loses none of 100 parallel updates of one model", async () => {
        await store.models.create(sampleModel());
        await Promise.all(
          Array.from({ length: 100 }, () =>
            store.models.update("openai-sample", (current) => ({
              ...sampleModel(),
              priority: (current?.priority ?? 0) + 1,
            })),
          ),
        );
        expect((await entries())[0]?.[1]?.priority).toBe(100);
      });

      it("lets exactly one of many creates of an id win", async () => {
        const outcomes = await Promise.allSettled(
          Array.from({ length: 20 }, (_, priority) => store.models.create(sampleModel({ priority }))),
        );
        expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
        for (const outcome of outcomes) {
          if (outcome.status === "rejected") expect(outcome.reason).toMatchObject({ code: "conflict" });
        }
      });

      it("keeps every one of 100 parallel creates", async () => {
        await Promise.all(
          Array.from({ length: 100 }, (_, index) => store.models.create(sampleModel({ id: `m${index}` }))),
        );
        expect(await entries()).toHaveLength(100);
      });
    });

    describe("life cycle", () => {
      it("may be opened again while it is open", async () => {
        await store.models.create(sampleModel());
        await Promise.all([store.open(), store.open()]);
        expect(await entries()).toHaveLength(1);
      });

      it("answers a ping", async () => {
        await expect(store.ping()).resolves.toBeUndefined();
      });

      it("finishes what was begun before it closed", async () => {
        const writes = Promise.all(
          Array.from({ length: 5 }, (_, index) => store.models.create(sampleModel({ id: `m${index}` }))),
        );
        await writes;
        await expect(store.close()).resolves.toBeUndefined();
        await expect(store.close()).resolves.toBeUndefined();
      });

      it.each<[string, () => Promise<unknown>]>([
        ["load", () => store.models.load()],
        ["create", () => store.models.create(sampleModel())],
        ["update", () => store.models.update("a", () => null)],
        ["reset", () => store.models.reset()],
        ["ping", () => store.ping()],
      ])("says that it is not open on %s after close", async (_name, use) => {
        await store.close();
        await expect(use()).rejects.toMatchObject({ code: "store_unavailable", status: 503 });
      });

      it("says that it is not open before open", async () => {
        await expect(place.connect().models.load()).rejects.toMatchObject({ code: "store_unavailable" });
      });
    });

    describe.skipIf(skip.persistence)(titled("persistence", skip.persistence), () => {
      it("finds everything again", async () => {
        await store.models.create(sampleModel({ id: "live" }));
        await store.models.update("dead", () => null);
        const before = await store.models.load();
        await store.close();
        const again = await connect();
        expect(await again.models.load()).toEqual(before);
      });

      it("may be opened again after it was closed", async () => {
        await store.models.create(sampleModel());
        await store.close();
        await store.open();
        expect(await entries()).toHaveLength(1);
      });
    });

    describe.skipIf(skip.sharing)(titled("sharing", skip.sharing), () => {
      it("opens one new place from many connections at once", async () => {
        const fresh = await factory();
        const many = Array.from({ length: 5 }, () => fresh.connect());
        opened.push(...many);
        await Promise.all(many.map((each) => each.open()));
        await Promise.all(many.map((each, index) => each.models.create(sampleModel({ id: `m${index}` }))));
        expect(await entries(many[0])).toHaveLength(5);
        await Promise.all(many.map((each) => each.close()));
        await fresh.remove?.();
      });

      it("shows each connection the other's writes", async () => {
        const other = await connect();
        await store.models.create(sampleModel());
        expect(await entries(other)).toHaveLength(1);
        await expect(other.models.create(sampleModel())).rejects.toMatchObject({ code: "conflict" });
        await other.models.reset();
        expect(await entries()).toEqual([]);
      });

      it("loses no update between two connections", async () => {
        const other = await connect();
        await store.models.create(sampleModel());
        await Promise.all(
          Array.from({ length: 50 }, (_, index) =>
            (index % 2 ? store : other).models.update("openai-sample", (current) => ({
              ...sampleModel(),
              priority: (current?.priority ?? 0) + 1,
            })),
          ),
        );
        expect((await entries())[0]?.[1]?.priority).toBe(50);
      });
    });

    describe.skipIf(skip.processes)(titled("two processes", skip.processes), () => {
      async function start(): Promise<StoreProcess> {
        if (!place.startProcess) throw new TypeError("describeStore: `startProcess` is needed, or a reason to skip it");
        const started = await place.startProcess();
        processes.push(started);
        return started;
      }

      it("keeps what was acknowledged right before kill -9", async () => {
        const process = await start();
        for (let index = 0; index < 5; index++) {
          await process.create(sampleModel({ id: `m${index}` }));
        }
        await process.kill();
        expect((await entries()).map(([id]) => id).sort()).toEqual(["m0", "m1", "m2", "m3", "m4"]);
        await store.close();
        expect(await entries(await connect())).toHaveLength(5);
      });

      it("loses no update between the processes", async () => {
        const process = await start();
        await store.models.create(sampleModel());
        const here = async () => {
          for (let index = 0; index < 50; index++) {
            await store.models.update("openai-sample", (current) => ({
              ...sampleModel(),
              priority: (current?.priority ?? 0) + 1,
            }));
          }
        };
        await Promise.all([here(), process.countUp("openai-sample", 50)]);
        expect((await entries())[0]?.[1]?.priority).toBe(100);
      });

      it("works on after the other process was killed in the middle of its writes", async () => {
        const process = await start();
        await store.models.create(sampleModel());
        const writing = process.countUp("openai-sample", 100_000).catch(() => {});
        await expect.poll(async () => (await entries())[0]?.[1]?.priority, { timeout: 10_000 }).toBeGreaterThan(3);
        await process.kill();
        await writing;
        await store.models.update("openai-sample", () => sampleModel({ priority: -1 }));
        expect((await entries())[0]?.[1]?.priority).toBe(-1);
      });
    });
  });
}

function titled(title: string, reason: string | undefined): string {
  return reason === undefined ? title : `${title} (skipped: ${reason})`;
}
