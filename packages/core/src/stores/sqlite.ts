import { basename, resolve } from "node:path";
import { Kysely, sql } from "kysely";
import { type Clock, systemClock } from "../clock.js";
import { GatewayError } from "../errors.js";
import type { Store } from "../spec/store.js";
import { migrate } from "./internal/migrate.js";
import { openSqlite } from "./internal/open-sqlite.js";
import { pollRevisions } from "./internal/poll-revisions.js";
import { sqlAudit } from "./internal/sql-audit.js";
import { sqlEntries } from "./internal/sql-entries.js";
import { sqlUsage } from "./internal/sql-usage.js";
import type { SqliteDatabase } from "./internal/sqlite-database.js";
import { sqliteDialect } from "./internal/sqlite-dialect.js";
import { sqliteFailure } from "./internal/sqlite-failure.js";
import type { StoreTables } from "./internal/store-tables.js";
import { whileBusy } from "./internal/while-busy.js";
import type { WithDatabase } from "./internal/with-database.js";

/** Options of {@link sqliteStore}. */
export interface SqliteStoreOptions {
  /** Path of the database file; it is created where its directory exists. Several processes may share one file. */
  readonly file: string;
  /** @defaultValue the real clock */
  readonly clock?: Clock;
}

/**
 * A store in one SQLite file. Every acknowledged write survives the end of the process and of the machine.
 * Needs the package `@photostructure/sqlite`, which is loaded by `open()`.
 *
 * @example
 * ```ts
 * const gateway = new Gateway({ store: sqliteStore({ file: "./sluice.db" }) });
 * ```
 */
export function sqliteStore({ file, clock = systemClock() }: SqliteStoreOptions): Store {
  if (typeof file !== "string" || file === "") throw new TypeError("sqliteStore: `file` must be a path");
  const path = resolve(file); // `:memory:` is a file's name here, and a later chdir changes nothing
  let opening: Promise<Kysely<StoreTables>> | undefined;

  const withDatabase: WithDatabase = async (work) => {
    if (opening === undefined) throw new GatewayError("store_unavailable", { details: "the store is not open" });
    const db = await opening;
    try {
      return await work(db);
    } catch (cause) {
      // A caller may see this text: the file's name helps, its whole path is not theirs to know.
      throw sqliteFailure(`the store's file ${basename(path)}`, cause);
    }
  };

  return {
    name: "sqlite",
    entries: sqlEntries(withDatabase),
    audit: sqlAudit(withDatabase),
    usage: sqlUsage(withDatabase),
    subscribe: (onChange) => pollRevisions(withDatabase, clock, onChange),
    async open() {
      opening ??= openDatabase(path, clock).catch((cause: unknown) => {
        opening = undefined; // a later call tries again
        throw sqliteFailure(path, cause);
      });
      await opening;
    },
    async ping() {
      await withDatabase((db) => sql`select 1`.execute(db));
    },
    async close() {
      const closing = opening;
      opening = undefined;
      await (await closing?.catch(() => undefined))?.destroy();
    },
  };
}

async function openDatabase(file: string, clock: Clock): Promise<Kysely<StoreTables>> {
  const database = await whileBusy(clock, () => configured(openSqlite(file)));
  const db = new Kysely<StoreTables>({ dialect: sqliteDialect(database, clock) });
  try {
    await migrate(db);
  } catch (cause) {
    await db.destroy();
    throw cause;
  }
  return db;
}

function configured(database: SqliteDatabase): SqliteDatabase {
  try {
    const mode = database.all("pragma journal_mode = wal", [])[0]?.journal_mode;
    if (mode !== "wal") {
      throw new GatewayError("store_unavailable", {
        details: "the store's file lies on a file system that SQLite cannot share between processes",
      });
    }
    // With less than FULL, a power cut may take back a write that was acknowledged.
    database.exec("pragma synchronous = full; pragma trusted_schema = off");
    return database;
  } catch (cause) {
    database.close();
    throw cause;
  }
}
