import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Logger, Store } from "@sluice/core";
import { postgresStore } from "@sluice/core/stores/postgres";
import { snapshotStore } from "@sluice/core/stores/snapshot";
import { sqliteStore } from "@sluice/core/stores/sqlite";
import type { ServerConfig } from "./config/schema.js";

/** Whether a value of `store` names a Postgres. */
export function isPostgres(store: string): boolean {
  return store.startsWith("postgres");
}

/** The file of an SQLite store within the data directory. */
export function sqliteFile(dataDir: string): string {
  return join(dataDir, "sluice.db");
}

/** The store without what only a running server needs, which may run on it meanwhile; made where there is none yet. */
export function bareStoreOf({ store, dataDir }: ServerConfig): Store {
  if (isPostgres(store)) return postgresStore({ url: store });
  const directory = resolve(dataDir);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  return sqliteStore({ file: sqliteFile(directory) });
}

/**
 * The store a server runs on. With Postgres, what was read of it is saved in the data directory, so that the server
 * starts without its database too.
 */
export function storeOf({ store }: ServerConfig, dataDir: string, logger: Logger): Store {
  if (!isPostgres(store)) return sqliteStore({ file: sqliteFile(dataDir) });
  return snapshotStore({
    store: postgresStore({ url: store, logger }),
    directory: join(dataDir, "snapshots"),
    logger,
  });
}
