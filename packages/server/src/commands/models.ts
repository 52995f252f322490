import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { MODELS, type Store } from "@sluice/core";
import { postgresStore } from "@sluice/core/stores/postgres";
import { sqliteStore } from "@sluice/core/stores/sqlite";
import type { Flags } from "../config/load.js";
import type { ServerConfig } from "../config/schema.js";
import { loadConfig } from "../config.js";
import { withKeptMasterKey } from "../development-secrets.js";
import { gatewayOf } from "../gateway-of.js";
import { isPostgres, sqliteFile } from "../store-of.js";
import { table } from "./table.js";

/** `sluice models list`: the catalogue as the store has it, also while a server runs on it. */
export async function listModels(flags: Flags): Promise<void> {
  const { config } = loadConfig(flags);
  const store = storeToRead(config);
  const gateway = gatewayOf(withKeptMasterKey(config), store === null ? {} : { store });
  try {
    await gateway.ready();
    const configured = new Set(gateway.providers.statuses().map(({ name }) => name));
    const rows = (await gateway.models.list()).map((model) => [
      model.layer,
      model.id,
      model.provider,
      model.apiModelName,
      String(model.priority),
      model.enabled ? (configured.has(model.provider) ? "ready" : "provider off") : "disabled",
    ]);
    process.stdout.write(table([["LAYER", "ID", "PROVIDER", "MODEL", "PRIORITY", "STATE"], ...rows]));
  } finally {
    await gateway.close();
  }
}

/** `sluice models reset`: forgets every change made over HTTP, deletions included. */
export async function resetModels(flags: Flags): Promise<void> {
  const { config } = loadConfig(flags);
  const store = storeToRead(config);
  if (store === null) {
    process.stdout.write("Nothing to reset: no model was ever changed here.\n");
    return;
  }
  await store.open();
  const models = store.entries(MODELS);
  const { entries } = await models.load();
  await models.reset();
  await store.close();
  const shown = isPostgres(config.store)
    ? "Running servers show it at once."
    : "A running server shows it after its next start.";
  process.stdout.write(`Forgot ${entries.size} change${entries.size === 1 ? "" : "s"}. ${shown}\n`);
}

/** The store as it is, without what only a running server needs; null where nothing was ever kept. */
function storeToRead({ store, dataDir }: ServerConfig): Store | null {
  if (isPostgres(store)) return postgresStore({ url: store });
  const file = sqliteFile(resolve(dataDir));
  return store === "sqlite" && existsSync(file) ? sqliteStore({ file }) : null;
}
