import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeStore, sampleModel } from "@sluice/testkit/contracts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GatewayError } from "../errors.js";
import { MODELS, type Model } from "../schemas/model.js";
import type { EntryStore, Store } from "../spec/store.js";
import { memoryStore } from "./memory.js";
import { snapshotStore } from "./snapshot.js";

let directory: string;
let down: boolean;
let inner: Store;

const newDirectory = () => mkdtemp(join(tmpdir(), "sluice-snapshot-"));

beforeEach(async () => {
  directory = join(await newDirectory(), "saved");
  down = false;
  inner = memoryStore();
});

afterEach(() => rm(join(directory, ".."), { recursive: true, force: true }));

describeStore(
  "snapshot",
  async () => {
    const place = await newDirectory();
    const store = memoryStore();
    return {
      connect: () => snapshotStore({ store, directory: place }),
      remove: () => rm(place, { recursive: true, force: true }),
    };
  },
  {
    skip: {
      persistence: "the store within is a memory store",
      sharing: "the store within is a memory store",
      processes: "the store within is a memory store",
    },
  },
);

/** The same database, as a new process finds it: gone where `down` says so. */
function restarted(): Store {
  const gone = () => new GatewayError("store_unavailable", { details: "Postgres at db cannot be reached" });
  const guarded = <Work extends (...input: never[]) => Promise<unknown>>(work: Work) =>
    ((...input) => (down ? Promise.reject(gone()) : work(...input))) as Work;
  const flaky: Store = {
    ...inner,
    name: "flaky",
    entries(kind) {
      const { load, create, update, reset } = inner.entries(kind);
      return { load: guarded(load), create: guarded(create), update: guarded(update), reset: guarded(reset) };
    },
    open: guarded(() => inner.open()),
    ping: guarded(() => inner.ping()),
  };
  return snapshotStore({ store: flaky, directory });
}

const savedText = () => readFile(join(directory, "models.json"), "utf8").catch(() => "");

describe("snapshotStore", () => {
  async function saved(count: number): Promise<void> {
    const store = restarted();
    await store.open();
    for (let index = 0; index < count; index++) {
      await store.entries(MODELS).create(`m${index}`, sampleModel({ id: `m${index}` }));
    }
    await store.entries(MODELS).update("gone", () => null);
    const { revision } = await store.entries(MODELS).load();
    await expect.poll(savedText).toContain(`"revision":${revision},`);
  }

  it("serves what it read last when it is started without its database", async () => {
    await saved(2);
    const before = await inner.entries(MODELS).load();
    down = true;
    const store = restarted();
    await store.open();
    expect(await store.entries(MODELS).load()).toEqual(before);
    await expect(store.ping()).rejects.toMatchObject({ code: "store_unavailable" });
    await expect(store.entries(MODELS).update("m0", () => null)).rejects.toMatchObject({ code: "store_unavailable" });
    await expect(store.audit.list({ limit: 1 })).rejects.toMatchObject({ code: "store_unavailable" });
    await store.close();
  });

  it("works on the database once that is there", async () => {
    await saved(1);
    down = true;
    const store = restarted();
    await store.open();
    const models = store.entries(MODELS);
    expect((await models.load()).entries.size).toBe(2);
    down = false;
    await models.create("later", sampleModel({ id: "later" }));
    expect((await models.load()).entries.size).toBe(3);
    await store.ping();
  });

  it.each<[string, (models: EntryStore<Model>) => Promise<unknown>]>([
    ["a load", (models) => models.load()],
    ["a write", (models) => models.update("m0", () => null)],
  ])("does not bring the saved state back after %s reached the database", async (_name, reach) => {
    await saved(1);
    const store = restarted();
    await store.open();
    const models = store.entries(MODELS);
    await reach(models);
    down = true;
    await expect(models.load()).rejects.toMatchObject({ code: "store_unavailable" });
  });

  it("refuses a first start with the database's own reason", async () => {
    down = true;
    const store = restarted();
    await store.open();
    await expect(store.entries(MODELS).load()).rejects.toMatchObject({
      code: "store_unavailable",
      details: "Postgres at db cannot be reached",
    });
  });

  it("throws at once what no waiting mends", async () => {
    await saved(1);
    const missing = new GatewayError("not_installed", { details: "Postgres storage needs the package pg" });
    const store = snapshotStore({ store: { ...inner, open: () => Promise.reject(missing) }, directory });
    await expect(store.open()).rejects.toBe(missing);
  });

  it.each<[string, (text: string) => string]>([
    ["half of it", (text) => text.slice(0, text.length / 2)],
    ["a model that lost a field", (text) => text.replace(/"provider":"openai",/, "")],
    ["another kind", (text) => text.replace('"kind":"models"', '"kind":"users"')],
    ["a later format", (text) => text.replace('"format":1', '"format":2')],
  ])("takes %s for nothing", async (_name, damage) => {
    await saved(1);
    await writeFile(join(directory, "models.json"), damage(await savedText()));
    down = true;
    const store = restarted();
    await store.open();
    await expect(store.entries(MODELS).load()).rejects.toMatchObject({ details: "Postgres at db cannot be reached" });
  });

  it("keeps the file for its owner alone, and leaves nothing beside it", async () => {
    await saved(3);
    expect((await stat(join(directory, "models.json"))).mode & 0o777).toBe(0o600);
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
    expect(await readdir(directory)).toEqual(["models.json"]);
  });

  it("ends at the newest of many states", async () => {
    const store = restarted();
    await store.open();
    const models = store.entries(MODELS);
    for (let index = 0; index < 30; index++) {
      await models.update("m", () => sampleModel({ id: "m", priority: index }));
      void models.load();
    }
    const { revision } = await models.load();
    await expect.poll(savedText).toContain(`"revision":${revision},`);
    expect(await savedText()).toContain('"priority":29');
  });

  it("hurts nobody where it cannot be saved", async () => {
    await writeFile(join(directory), "in the way");
    await chmod(directory, 0o400);
    const store = restarted();
    await store.open();
    await store.entries(MODELS).create("m", sampleModel({ id: "m" }));
    expect((await store.entries(MODELS).load()).entries.size).toBe(1);
  });
});
