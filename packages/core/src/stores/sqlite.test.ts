import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeStore, sampleModel } from "@sluice/testkit/contracts";
import { Kysely, type Migration } from "kysely";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { buildChild, type ChildScript, startStoreProcess } from "../../test/stores/store-process.js";
import { systemClock } from "../clock.js";
import { MODELS } from "../schemas/model.js";
import { migrate } from "./internal/migrate.js";
import { openSqlite } from "./internal/open-sqlite.js";
import { sqliteDialect } from "./internal/sqlite-dialect.js";
import type { StoreTables } from "./internal/store-tables.js";
import { migrations } from "./migrations/index.js";
import { sqliteStore } from "./sqlite.js";

let child: ChildScript;

beforeAll(async () => {
  child = await buildChild();
});

afterAll(() => child.remove());

const newDirectory = () => mkdtemp(join(tmpdir(), "sluice-store-"));

describeStore("sqlite", async () => {
  const directory = await newDirectory();
  const file = join(directory, "store.db");
  return {
    connect: () => sqliteStore({ file }),
    startProcess: () => startStoreProcess(child.path, file),
    remove: () => rm(directory, { recursive: true, force: true }),
  };
});

describe("sqliteStore", () => {
  let directory: string;
  let file: string;

  beforeEach(async () => {
    directory = await newDirectory();
    file = join(directory, "store.db");
  });

  afterEach(() => rm(directory, { recursive: true, force: true }));

  async function withStore(use: (store: ReturnType<typeof sqliteStore>) => Promise<void>): Promise<void> {
    const store = sqliteStore({ file });
    await store.open();
    try {
      await use(store);
    } finally {
      await store.close();
    }
  }

  it("does nothing before open", async () => {
    sqliteStore({ file });
    await expect(stat(file)).rejects.toMatchObject({ code: "ENOENT" });
    expect(() => sqliteStore({ file: "" })).toThrow(TypeError);
  });

  it("writes a file of its owner alone, in WAL mode", async () => {
    await withStore(async () => {
      expect((await stat(file)).mode & 0o777).toBe(0o600);
    });
    // Bytes 18 and 19 of the header: 2 is WAL.
    expect([...(await readFile(file)).subarray(18, 20)]).toEqual([2, 2]);
  });

  it("says so when the file is not a database, and leaves it alone", async () => {
    const text = "this is a letter, not a database. ".repeat(100);
    await writeFile(file, text);
    await expect(sqliteStore({ file }).open()).rejects.toMatchObject({
      code: "store_unavailable",
      details: `${file} is not a SQLite database`,
    });
    expect(await readFile(file, "utf8")).toBe(text);
  });

  it("says so when the directory is missing or the file is a directory", async () => {
    await expect(sqliteStore({ file: join(directory, "no", "store.db") }).open()).rejects.toMatchObject({
      details: expect.stringMatching(/its directory does not exist$/),
    });
    await mkdir(file);
    await expect(sqliteStore({ file }).open()).rejects.toMatchObject({
      details: expect.stringMatching(/it is a directory$/),
    });
  });

  it("says so when the directory may not be written", async () => {
    await chmod(directory, 0o555);
    // Root may write everywhere, so there the store runs as nobody.
    const opening =
      process.getuid?.() === 0
        ? startStoreProcess(child.path, file, 65_534).then(() => undefined)
        : sqliteStore({ file }).open();
    await expect(opening).rejects.toThrow(/cannot be opened: permission denied/);
  });

  it("opens after a failed open once the reason is gone", async () => {
    const store = sqliteStore({ file: join(directory, "later", "store.db") });
    await expect(store.open()).rejects.toMatchObject({ code: "store_unavailable" });
    await mkdir(join(directory, "later"));
    await store.open();
    await store.ping();
    await store.close();
  });

  it.each<[string, string, RegExp]>([
    ["text that is no JSON", "{", /the entry "broken" of the stored models is damaged \(body: is required/],
    [
      "a model that lost a field",
      '{"id":"broken"}',
      /"broken" of the stored models is damaged \(provider: is required/,
    ],
    [
      "another row's model",
      JSON.stringify(sampleModel({ id: "whole" })),
      /"broken" of the stored models is damaged \(id: /,
    ],
  ])("names the row that holds %s", async (_name, text, details) => {
    await withStore(async (store) => {
      const models = store.entries(MODELS);
      await models.create("whole", sampleModel({ id: "whole" }));
      await models.create("broken", sampleModel({ id: "broken" }));
      const raw = openSqlite(file);
      raw.run("update sluice_entries set entry = ? where id = ?", [text, "broken"]);
      raw.close();
      await expect(models.load()).rejects.toMatchObject({
        code: "store_unavailable",
        details: expect.stringMatching(details),
      });
      await models.update("whole", () => sampleModel({ id: "whole", priority: 3 }));
      await models.reset();
      expect((await store.entries(MODELS).load()).entries.size).toBe(0);
    });
  });

  it("ignores fields that a later version wrote into a row", async () => {
    await withStore(async (store) => {
      const raw = openSqlite(file);
      const text = JSON.stringify({ ...sampleModel(), fromTheFuture: true });
      raw.run("insert into sluice_entries values ('models', ?, ?)", ["openai-sample", text]);
      raw.run("insert into sluice_revisions values ('models', 1) on conflict do nothing", []);
      raw.close();
      expect((await store.entries(MODELS).load()).entries.get("openai-sample")).toEqual(sampleModel());
    });
  });

  it("takes over the models of a file of the first version, tombstones and revision included", async () => {
    const raw = openSqlite(file);
    const database = new Kysely<StoreTables>({ dialect: sqliteDialect(raw, systemClock()) });
    await migrate(database, { migrations: { "0001-models": migrations["0001-models"] as Migration } });
    raw.run("insert into sluice_models values (?, ?), ('gone', null)", [
      "kept",
      JSON.stringify(sampleModel({ id: "kept" })),
    ]);
    raw.run("update sluice_revisions set revision = 12", []);
    await database.destroy();
    await withStore(async (store) => {
      expect(await store.entries(MODELS).load()).toEqual({
        revision: 12,
        entries: new Map([
          ["gone", null],
          ["kept", sampleModel({ id: "kept" })],
        ]),
      });
    });
  });

  it("refuses a file whose tables a later version made", async () => {
    await withStore(async () => {
      const raw = openSqlite(file);
      raw.run("insert into sluice_migration values (?, ?)", ["9999-later", "2099-01-01T00:00:00.000Z"]);
      raw.close();
    });
    await expect(sqliteStore({ file }).open()).rejects.toMatchObject({
      details: `${file} was written by another version of this software`,
    });
  });

  it("waits for another writer without blocking the event loop, then gives up with a clear error", async () => {
    let elapsedMs = 0;
    // Waits are counted, not waited for, so that five seconds pass at once.
    const clock = {
      ...systemClock(),
      monotonic: () => elapsedMs,
      after(ms: number, fire: () => void) {
        elapsedMs += ms;
        const timer = setImmediate(fire);
        return () => clearImmediate(timer);
      },
    };
    const store = sqliteStore({ file, clock });
    await store.open();
    const raw = openSqlite(file);
    raw.exec("begin immediate");
    const waiting = store.entries(MODELS).create("openai-sample", sampleModel());
    await expect(waiting).rejects.toMatchObject({
      code: "store_unavailable",
      details: "the store's file store.db is locked by another process",
      retryAfterMs: 1_000,
    });
    expect(elapsedMs).toBeGreaterThanOrEqual(5_000);
    expect((await store.entries(MODELS).load()).entries.size).toBe(0);
    raw.exec("rollback");
    await store.entries(MODELS).create("openai-sample", sampleModel());
    raw.close();
    await store.close();
  });
});
