import { sampleModel } from "@sluice/testkit/contracts";
import { beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../clock.js";
import { GatewayError } from "../errors.js";
import { MODELS, type Model, type NewModel } from "../schemas/model.js";
import type { EntryStore, Store } from "../spec/store.js";
import { memoryStore } from "../stores/memory.js";
import { ModelCatalog, type ModelCatalogOptions } from "./catalog.js";

const clock = { ...systemClock(), now: () => 1_764_914_400_987 };
const providers = ["openai", "openrouter"];
const seed = sampleModel({ id: "seed" });
const input: NewModel = { id: "mine", provider: "openai", apiModelName: "gpt", layer: "L2" };

let store: Store;
let catalog: ModelCatalog;

async function openCatalog(options: Partial<ModelCatalogOptions> = {}): Promise<ModelCatalog> {
  const opened = new ModelCatalog({
    seeds: [seed],
    store,
    clock,
    providerNames: () => providers,
    ...options,
  });
  await opened.load();
  return opened;
}

const stored = () => store.entries(MODELS);
const ids = (from: ModelCatalog = catalog) => from.list().map(({ id }) => id);

/** A store that has these models and nothing else. */
function storeOf(name: string, models: EntryStore<Model>): ModelCatalogOptions["store"] {
  return { name, entries: <Entry extends object>() => models as unknown as EntryStore<Entry> }; // only models are asked for
}

beforeEach(async () => {
  store = memoryStore();
  await store.open();
  catalog = await openCatalog();
});

describe("seeds and changes", () => {
  it("shows the seeds before anything is loaded", () => {
    const fresh = new ModelCatalog({ seeds: [seed], store, clock, providerNames: () => providers });
    expect(fresh.snapshot.models).toEqual([seed]);
  });

  it("lets the later of two seeds with one id count", async () => {
    const later = await openCatalog({ seeds: [seed, sampleModel({ id: "seed", layer: "L3" })] });
    expect(later.list().map(({ layer }) => layer)).toEqual(["L3"]);
  });

  it("lays stored entries over the seeds and hides tombstoned ones", async () => {
    await stored().update("seed", () => null);
    await stored().create("stored", sampleModel({ id: "stored" }));
    await catalog.load();
    expect(ids()).toEqual(["stored"]);
    await stored().reset();
    await catalog.load();
    expect(ids()).toEqual(["seed"]);
  });

  it("shows discovered models behind seeds and changes of the same id", async () => {
    catalog.setDiscovered([sampleModel({ id: "found", layer: "L0" }), sampleModel({ id: "seed", layer: "L0" })]);
    expect(ids()).toEqual(["found", "seed"]);
    expect(catalog.get("seed").layer).toBe("L1");
    await catalog.update("found", { enabled: false });
    catalog.setDiscovered([sampleModel({ id: "found", layer: "L0" })]);
    expect(catalog.get("found").enabled).toBe(false);
    await catalog.remove("found");
    catalog.setDiscovered([sampleModel({ id: "found", layer: "L0" })]);
    expect(ids()).toEqual(["seed"]);
  });

  it("does not freeze or follow the objects it was given", async () => {
    const given = sampleModel({ id: "given" });
    const other = await openCatalog({ seeds: [given] });
    given.enabled = false;
    expect(other.get("given").enabled).toBe(true);
  });
});

describe("create", () => {
  it("fills in defaults and the time in seconds", async () => {
    const created = await catalog.create(input);
    const expected = { ...input, enabled: true, priority: 0, relativeCost: null, fallbacks: [], timeouts: {} };
    expect(created).toEqual({ ...expected, created: 1_764_914_400 });
    expect(catalog.get("mine")).toEqual(created);
    expect((await stored().load()).entries.get("mine")).toEqual(created);
  });

  it("ignores unknown fields", async () => {
    const body = { ...input, color: "red", created: 5 };
    expect(await catalog.create(body)).not.toHaveProperty("color");
    expect(catalog.get("mine").created).toBe(1_764_914_400);
  });

  it.each([
    ["a seed", "seed"],
    ["a stored model", "stored"],
  ])("refuses the id of %s", async (_name, id) => {
    await stored().create("stored", sampleModel({ id: "stored" }));
    await expect(catalog.create({ ...input, id })).rejects.toMatchObject({ code: "conflict", status: 409 });
  });

  it("takes the id of a deleted seed", async () => {
    await catalog.remove("seed");
    await catalog.create({ ...input, id: "seed" });
    expect(catalog.get("seed").layer).toBe("L2");
  });

  it("lets exactly one of many win, also over two instances", async () => {
    const other = await openCatalog();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, priority) => (priority % 2 ? catalog : other).create({ ...input, priority })),
    );
    const won = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
    expect(won).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.status === "rejected") expect(outcome.reason).toMatchObject({ code: "conflict" });
    }
    await Promise.all([catalog.load(), other.load()]);
    expect([catalog.get("mine"), other.get("mine")]).toEqual([won[0], won[0]]);
  });

  it("allows fallbacks that name nothing yet", async () => {
    expect((await catalog.create({ ...input, fallbacks: ["not-there"] })).fallbacks).toEqual(["not-there"]);
  });

  it.each<[string, object, string, string]>([
    ["an unknown provider", { provider: "closedai" }, "provider", 'provider: expected one of "openai", "openrouter"'],
    ["an unknown layer", { layer: "L9" }, "layer", 'layer: expected one of "L0", "L1", "L2", "L3"'],
    ["a reserved id", { id: "layers" }, "id", "id: is a reserved name"],
    [
      "half a character in the id",
      { id: "a\ud83d" },
      "id",
      "id: must not hold white space, control characters or halves of characters",
    ],
    ["a wrong type", { enabled: "yes" }, "enabled", "enabled: expected a boolean, received string"],
    ["a missing field", { apiModelName: undefined }, "apiModelName", "apiModelName: is required (a string)"],
  ])("refuses %s and changes nothing", async (_name, wrong, param, details) => {
    // A body from outside is not a NewModel before it was validated.
    const body = { ...input, ...wrong } as NewModel;
    await expect(catalog.create(body)).rejects.toMatchObject({ code: "invalid_request", status: 400, param, details });
    expect((await stored().load()).entries.size).toBe(0);
  });
});

describe("update", () => {
  it("changes a seed, keeps the rest and survives a reload", async () => {
    const updated = await catalog.update("seed", { enabled: false, priority: 5 });
    expect(updated).toEqual({ ...seed, enabled: false, priority: 5 });
    expect((await openCatalog()).get("seed")).toEqual(updated);
  });

  it("takes the model's own id and ignores unknown fields", async () => {
    const body = { id: "seed", created: 1, nonsense: true };
    expect(await catalog.update("seed", body)).toEqual(seed);
  });

  it("clears optional fields by null", async () => {
    await catalog.create({ ...input, contextWindow: 10, price: { inputPerMTok: 1, outputPerMTok: 2 } });
    const updated = await catalog.update("mine", { contextWindow: null, price: null, relativeCost: null });
    expect(updated).not.toHaveProperty("contextWindow");
    expect(updated).not.toHaveProperty("price");
    expect(updated.relativeCost).toBeNull();
  });

  it.each<[string, unknown, string | undefined]>([
    ["another id", { id: "other" }, "id"],
    ["an unknown provider", { provider: "closedai" }, "provider"],
    ["an unknown layer", { layer: "L4" }, "layer"],
    ["null for a required field", { enabled: null }, "enabled"],
    ["a wrong type among good ones", { enabled: false, priority: "first" }, "priority"],
    ["a list", [], undefined],
    ["null", null, undefined],
    ["text", "enabled", undefined],
  ])("refuses %s and leaves the model as it was", async (_name, patch, param) => {
    // A body from outside is not a patch before it was validated.
    await expect(catalog.update("seed", patch as object)).rejects.toMatchObject({ code: "invalid_request", param });
    expect(catalog.get("seed")).toEqual(seed);
    expect((await stored().load()).entries.size).toBe(0);
  });

  it("does not bring back what another instance deleted", async () => {
    const other = await openCatalog();
    await other.remove("seed");
    await expect(catalog.update("seed", { enabled: false })).rejects.toMatchObject({ code: "model_not_found" });
  });

  it("loses no field between concurrent updates", async () => {
    await Promise.all([
      catalog.update("seed", { priority: 3 }),
      catalog.update("seed", { enabled: false }),
      catalog.update("seed", { layer: "L3" }),
    ]);
    expect(catalog.get("seed")).toEqual({ ...seed, priority: 3, enabled: false, layer: "L3" });
  });
});

describe("unknown models", () => {
  it("are not found, whatever is asked of them", async () => {
    const notFound = { code: "model_not_found", status: 404, details: "there is no model nope" };
    expect(() => catalog.get("nope")).toThrow(expect.objectContaining(notFound));
    await expect(catalog.update("nope", {})).rejects.toMatchObject(notFound);
    await expect(catalog.remove("nope")).rejects.toMatchObject(notFound);
    for (const id of ["a\0b", "a\ud83d"]) {
      await expect(catalog.update(id, {})).rejects.toMatchObject({ code: "model_not_found" });
      await expect(catalog.remove(id)).rejects.toMatchObject({ code: "model_not_found" });
    }
    await catalog.remove("seed");
    await expect(catalog.remove("seed")).rejects.toMatchObject({ code: "model_not_found" });
    expect(() => catalog.get("__proto__")).toThrow(GatewayError);
  });
});

describe("snapshot", () => {
  it("stays as it is for whoever holds it", async () => {
    const { snapshot } = catalog;
    await catalog.create(input);
    await catalog.remove("seed");
    expect(snapshot.models).toEqual([seed]);
    expect(ids()).toEqual(["mine"]);
  });

  it("is not replaced by a load that changed nothing", async () => {
    const { snapshot } = catalog;
    await catalog.load();
    expect(catalog.snapshot).toBe(snapshot);
  });

  it("is not taken back by a load that began before a write", async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let slow = true;
    const models = {
      ...stored(),
      async load() {
        const changes = await stored().load();
        if (slow) {
          slow = false;
          await held;
        }
        return changes;
      },
    };
    const late = new ModelCatalog({
      seeds: [seed],
      store: storeOf("slow", models),
      clock,
      providerNames: () => providers,
    });
    const loading = late.load();
    await late.create(input);
    release();
    await loading;
    expect(ids(late)).toEqual(["seed", "mine"]);
  });
});

describe("a store that fails", () => {
  function failing(broken: Partial<EntryStore<Model>>): Promise<ModelCatalog> {
    return openCatalog({ store: storeOf("brittle", { ...stored(), ...broken }) });
  }
  const fail = () => Promise.reject(new Error("ECONNREFUSED 10.0.0.5"));

  it("is answered by 503 and leaves the snapshot alone", async () => {
    const brittle = await failing({ update: fail });
    const { snapshot } = brittle;
    const unavailable = { code: "store_unavailable", status: 503, details: "the brittle store failed" };
    await expect(brittle.create(input)).rejects.toMatchObject(unavailable);
    await expect(brittle.update("seed", { enabled: false })).rejects.toMatchObject(unavailable);
    await expect(brittle.remove("seed")).rejects.toMatchObject(unavailable);
    expect(brittle.snapshot).toBe(snapshot);
  });

  it("keeps serving the last snapshot when a load fails", async () => {
    await catalog.create(input);
    await store.close();
    await expect(catalog.load()).rejects.toMatchObject({ code: "store_unavailable" });
    expect(ids()).toEqual(["seed", "mine"]);
  });

  it("shows a durable write although it cannot be read back", async () => {
    let readable = true;
    const load = () => (readable ? stored().load() : fail());
    const brittle = await failing({ load });
    readable = false;
    const created: Model = await brittle.create(input);
    expect(brittle.get("mine")).toEqual(created);
    await brittle.remove("seed");
    expect(ids(brittle)).toEqual(["mine"]);
    readable = true;
    await brittle.load();
    expect(ids(brittle)).toEqual(["mine"]);
  });
});
