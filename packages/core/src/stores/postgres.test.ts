import { describeStore, sampleModel } from "@sluice/testkit/contracts";
import { POSTGRES_MISSING, postgresServer } from "@sluice/testkit/postgres";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { buildChild, type ChildScript, startStoreProcess } from "../../test/stores/store-process.js";
import { MODELS } from "../schemas/model.js";
import type { Store } from "../spec/store.js";
import { migrations } from "./migrations/index.js";
import { postgresStore } from "./postgres.js";

const server = await postgresServer(process.env.DATABASE_URL);
const skipped = server ? "" : ` (${POSTGRES_MISSING})`;

let database = "";
let child: ChildScript;

beforeAll(async () => {
  child = await buildChild();
  if (server) database = await server.createDatabase();
});

afterAll(async () => {
  await child.remove();
  await server?.dropDatabase(database);
  await server?.close();
});

async function newPlace(): Promise<string> {
  if (!server) throw new Error(POSTGRES_MISSING);
  return server.createSchema(database);
}

describe.skipIf(!server)(`with Postgres${skipped}`, () => {
  describeStore("postgres", async () => {
    const url = await newPlace();
    return {
      connect: () => postgresStore({ url }),
      startProcess: () => startStoreProcess(child.path, url),
    };
  });

  describe("postgresStore", () => {
    let url: string;
    let opened: Store[];

    beforeEach(async () => {
      url = await newPlace();
      opened = [];
    });

    afterEach(async () => {
      await Promise.all(opened.map((store) => store.close()));
    });

    async function open(options: Partial<Parameters<typeof postgresStore>[0]> = {}): Promise<Store> {
      const store = postgresStore({ url, ...options });
      opened.push(store);
      await store.open();
      return store;
    }

    async function run(sql: string, parameters: unknown[] = []): Promise<pg.QueryResult> {
      if (!server) throw new Error(POSTGRES_MISSING);
      return server.query(sql, parameters, url);
    }

    it("opens one new database from ten processes at once", async () => {
      const processes = await Promise.all(Array.from({ length: 10 }, () => startStoreProcess(child.path, url)));
      await Promise.all(processes.map((each, index) => each.create(sampleModel({ id: `m${index}` }))));
      await Promise.all(processes.map((each) => each.kill()));
      const { entries } = await (await open()).entries(MODELS).load();
      expect(entries.size).toBe(10);
      expect((await run("select count(*)::int as count from sluice_migration")).rows).toEqual([
        { count: Object.keys(migrations).length },
      ]);
    }, 60_000);

    it("keeps 64-bit revisions", async () => {
      const store = await open();
      await store.entries(MODELS).create("m", sampleModel({ id: "m" }));
      await run("update sluice_revisions set revision = $1", [2 ** 40]);
      await store.entries(MODELS).update("m", () => null);
      expect((await store.entries(MODELS).load()).revision).toBe(2 ** 40 + 1);
    });

    it("tells another instance of a change at once", async () => {
      const [one, other] = [await open(), await open()];
      const heard: [string, number][] = [];
      other.subscribe?.((kind, revision) => heard.push([kind, revision]));
      await expect.poll(() => listeners()).toBe(1);
      await one.entries(MODELS).create("m", sampleModel({ id: "m" }));
      await expect.poll(() => heard).toContainEqual(["models", 1]);
      await one.entries({ ...MODELS, name: "odd kind" }).reset();
      await expect.poll(() => heard).toContainEqual(["odd kind", 1]);
    });

    it("does not tell of a write that was rolled back", async () => {
      const [one, other] = [await open(), await open()];
      const heard: number[] = [];
      other.subscribe?.((_kind, revision) => heard.push(revision));
      await expect.poll(() => listeners()).toBe(1);
      heard.length = 0; // what it found when it connected
      const refuse = () => {
        throw new Error("no");
      };
      await expect(one.entries(MODELS).update("m", refuse)).rejects.toThrow("no");
      await one.entries(MODELS).create("m", sampleModel({ id: "m" }));
      await expect.poll(() => heard).toContain(1);
      expect(new Set(heard)).toEqual(new Set([1]));
    });

    it("hears what changed while its connection was cut", async () => {
      const [one, other] = [await open(), await open()];
      const heard: number[] = [];
      other.subscribe?.((_kind, revision) => heard.push(revision));
      await expect.poll(() => listeners()).toBe(1);
      await run(
        "select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen%' or query like 'select name%'",
      );
      await one.entries(MODELS).create("m", sampleModel({ id: "m" }));
      await expect.poll(() => heard, { timeout: 10_000 }).toContain(1);
    });

    it("hears what changed without a notice", async () => {
      const other = await open();
      const heard: number[] = [];
      other.subscribe?.((_kind, revision) => heard.push(revision));
      await expect.poll(() => listeners()).toBe(1);
      await run("update sluice_revisions set revision = 7");
      await expect.poll(() => heard, { timeout: 10_000 }).toContain(7);
    });

    it("listens no longer once nobody follows, and again for the next", async () => {
      const store = await open();
      const stop = store.subscribe?.(() => {});
      await expect.poll(() => listeners()).toBe(1);
      stop?.();
      await expect.poll(() => listeners()).toBe(0);
      store.subscribe?.(() => {});
      await expect.poll(() => listeners()).toBe(1);
      await store.close();
      await expect.poll(() => listeners()).toBe(0);
    });

    it("works on after its connections were ended", async () => {
      const store = await open();
      const models = store.entries(MODELS);
      await Promise.all(Array.from({ length: 5 }, () => models.load()));
      await run("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'sluice'");
      await expect
        .poll(() =>
          models.create("m", sampleModel({ id: "m" })).then(
            () => true,
            () => false,
          ),
        )
        .toBe(true);
    });

    it("gives up on a row that another transaction holds, and says so", async () => {
      const store = await open();
      const models = store.entries(MODELS);
      await models.create("m", sampleModel({ id: "m" }));
      const holder = new pg.Client({ connectionString: url });
      await holder.connect();
      await holder.query("begin");
      await holder.query("update sluice_revisions set revision = revision");
      await expect(models.update("m", () => null)).rejects.toMatchObject({
        code: "store_unavailable",
        details: "Postgres took too long",
        retryAfterMs: 1_000,
      });
      expect((await models.load()).entries.get("m")).toEqual(sampleModel({ id: "m" }));
      await holder.end();
      await models.update("m", () => null);
    });

    it("names a damaged row", async () => {
      const store = await open();
      await store.entries(MODELS).create("broken", sampleModel({ id: "broken" }));
      await run("update sluice_entries set entry = '{'");
      await expect(store.entries(MODELS).load()).rejects.toMatchObject({
        details: expect.stringMatching(/^the entry "broken" of the stored models is damaged/),
      });
    });

    it("refuses tables that a later version made", async () => {
      await (await open()).ping();
      await run("insert into sluice_migration values ('9999-later', '2099')");
      await expect(open()).rejects.toMatchObject({
        details: expect.stringMatching(/was written by another version of this software$/),
      });
    });

    it("says so when the database does not exist, and opens once it does", async () => {
      const elsewhere = `${database}_later`;
      const store = postgresStore({ url: elsewhere });
      await expect(store.open()).rejects.toMatchObject({
        code: "store_unavailable",
        details: expect.stringMatching(/^Postgres at \S+ has no such database$/),
      });
      await server?.query(`create database ${new URL(elsewhere).pathname.slice(1)}`);
      await store.open();
      await store.ping();
      await store.close();
      await server?.dropDatabase(elsewhere);
    });

    async function listeners(): Promise<number> {
      const { rows } = await run(
        "select count(*)::int as count from pg_stat_activity where datname = current_database() and (query like 'listen%' or query like 'select name%')",
      );
      return rows[0]?.count;
    }
  });
});

describe("postgresStore without a server", () => {
  const SECRET = "hunter2-hunter2";

  it.each(["", "mysql://root@localhost/x", "not a url", `postgres//sluice:${SECRET}@host`])(
    "refuses the URL %j",
    (url) => {
      expect(() => postgresStore({ url })).toThrow(new TypeError("postgresStore: `url` must be a postgres:// URL"));
      expect(() => postgresStore({})).toThrow(TypeError);
    },
  );

  it("says why it cannot connect, soon and without the password", async () => {
    const store = postgresStore({ url: `postgres://sluice:${SECRET}@127.0.0.1:1/sluice` });
    const error = await store.open().catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: "store_unavailable",
      status: 503,
      details: "Postgres at 127.0.0.1:1 cannot be reached: the connection was refused",
    });
    expect(JSON.stringify([error, String(error), (error as Error).stack, (error as Error).cause])).not.toContain(
      SECRET,
    );
    await store.close();
  });

  it("says so when the host does not resolve", async () => {
    const store = postgresStore({ pool: { host: "nowhere.invalid", user: "sluice", password: SECRET } });
    await expect(store.open()).rejects.toMatchObject({
      details: "Postgres at nowhere.invalid cannot be reached: its host name does not resolve",
    });
    await store.close();
  });

  it("goes on trying while somebody follows, until it is closed", async () => {
    const store = postgresStore({ url: "postgres://127.0.0.1:1/sluice" });
    store.subscribe?.(() => {});
    await expect(store.entries(MODELS).load()).rejects.toMatchObject({ code: "store_unavailable" });
    await store.close();
  });
});
