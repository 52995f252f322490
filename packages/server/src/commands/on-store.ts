import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import type { Gateway, Store } from "@sluice/core";
import { postgresStore } from "@sluice/core/stores/postgres";
import { sqliteStore } from "@sluice/core/stores/sqlite";
import { ConfigError } from "../config/config-error.js";
import type { Flags } from "../config/load.js";
import type { ServerConfig } from "../config/schema.js";
import { loadConfig } from "../config.js";
import { withKeptMasterKey } from "../development-secrets.js";
import { gatewayOf } from "../gateway-of.js";
import { isPostgres, sqliteFile } from "../store-of.js";

/** Works on what the store has, also while a server runs on it, which takes changes up within a second. */
export async function onStore(flags: Flags, work: (gateway: Gateway) => Promise<void>): Promise<void> {
  const { config } = loadConfig(flags);
  if (config.store === "memory") throw new ConfigError("store: memory keeps nothing");
  const gateway = gatewayOf(withKeptMasterKey(config), { store: bareStoreOf(config) });
  try {
    await gateway.ready();
    await work(gateway);
  } finally {
    await gateway.close();
  }
}

/** The store without what only a running server needs; made where there is none yet. */
function bareStoreOf({ store, dataDir }: ServerConfig): Store {
  if (isPostgres(store)) return postgresStore({ url: store });
  const directory = resolve(dataDir);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  return sqliteStore({ file: sqliteFile(directory) });
}
