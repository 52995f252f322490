import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { MODELS } from "@sluice/core";
import { sqliteStore } from "@sluice/core/stores/sqlite";
import { ConfigError } from "../config/config-error.js";
import type { Flags } from "../config/load.js";
import type { ServerConfig } from "../config/schema.js";
import { loadConfig } from "../config.js";
import { gatewayOf } from "../gateway-of.js";
import { refusedStore } from "../refusals.js";
import { table } from "./table.js";

/** `sluice models list`: the catalogue as the data directory has it, also while a server runs on it. */
export async function listModels(flags: Flags): Promise<void> {
  const { config } = loadConfig(flags);
  const file = databaseOf(config);
  const gateway = gatewayOf(config, file === null ? {} : { store: sqliteStore({ file }) });
  try {
    await gateway.ready();
    const configured = new Set(gateway.providers().map(({ name }) => name));
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
  const file = databaseOf(loadConfig(flags).config);
  if (file === null) {
    process.stdout.write("Nothing to reset: no model was ever changed here.\n");
    return;
  }
  const store = sqliteStore({ file });
  await store.open();
  const models = store.entries(MODELS);
  const { entries } = await models.load();
  await models.reset();
  await store.close();
  process.stdout.write(
    `Forgot ${entries.size} change${entries.size === 1 ? "" : "s"}. A running server shows it after its next start.\n`,
  );
}

/** The file models are kept in; null where there is none. */
function databaseOf(config: ServerConfig): string | null {
  const refused = refusedStore(config);
  if (refused !== null) throw new ConfigError(refused);
  const file = join(resolve(config.dataDir), "sluice.db");
  return config.store === "sqlite" && existsSync(file) ? file : null;
}
