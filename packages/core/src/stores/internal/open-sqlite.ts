import { closeSync, openSync } from "node:fs";
import type * as driver from "@photostructure/sqlite";
import { requirePeer } from "../../require-peer.js";
import { bindable, readable, type SqliteDatabase, type SqliteRow, type SqliteValue } from "./sqlite-database.js";

const PACKAGE = "@photostructure/sqlite";

/**
 * SQLite's own waiting blocks the event loop, so it only bridges another process's commit; longer waits are
 * asynchronous (see `while-busy.ts`).
 */
const BUSY_TIMEOUT_MS = 20;

const OWNER_ONLY = 0o600;

/**
 * Opens a database file; the native driver is loaded here and nowhere else. The driver has the interface of
 * `node:sqlite`, which takes its place once every supported Node.js has that module.
 *
 * @throws GatewayError `not_installed`
 */
export function openSqlite(file: string): SqliteDatabase {
  // The package's own types describe what it exports.
  const { DatabaseSync } = requirePeer(PACKAGE, "SQLite storage") as typeof driver;
  // Made here rather than by SQLite: readable by its owner alone, and with the system's own reason if it cannot be.
  closeSync(openSync(file, "a", OWNER_ONLY));
  const database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS, readBigInts: true });

  function bind(parameters: readonly unknown[]): SqliteValue[] {
    return parameters.map((value, index) => bindable(value, index + 1));
  }

  return {
    exec(sql) {
      database.exec(sql);
    },
    run(sql, parameters) {
      const bound = bind(parameters);
      return Number(database.prepare(sql).run(...bound).changes);
    },
    all(sql, parameters) {
      const bound = bind(parameters);
      return database
        .prepare(sql)
        .all(...bound)
        .map(readRow);
    },
    inTransaction: () => database.isTransaction,
    close() {
      database.close();
    },
  };
}

function readRow(row: Record<string, SqliteValue>): SqliteRow {
  return Object.fromEntries(Object.entries(row).map(([column, value]) => [column, readable(value)]));
}
