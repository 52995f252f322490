import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import type { ApiKeyView, Gateway, NewApiKey, Store } from "@sluice/core";
import { postgresStore } from "@sluice/core/stores/postgres";
import { sqliteStore } from "@sluice/core/stores/sqlite";
import { ConfigError } from "../config/config-error.js";
import type { Flags } from "../config/load.js";
import type { ServerConfig } from "../config/schema.js";
import { loadConfig } from "../config.js";
import { gatewayOf } from "../gateway-of.js";
import { isPostgres, sqliteFile } from "../store-of.js";
import { table } from "./table.js";

/** What `sluice keys create` takes; lists are written with commas. */
export interface KeyFlags extends Flags {
  readonly name?: string | undefined;
  readonly role?: string | undefined;
  readonly scopes?: string | undefined;
  readonly models?: string | undefined;
  readonly layers?: string | undefined;
  readonly expires?: string | undefined;
}

/** `sluice keys create`: prints the key, which is shown this once. */
export function createKey(flags: KeyFlags): Promise<void> {
  const { name, role, scopes, models, layers, expires } = flags;
  // The gateway checks what each of these may be, and names the one that is wrong.
  const wanted = {
    name,
    role,
    scopes: listed(scopes),
    models: listed(models),
    layers: listed(layers),
    expiresAt: expires,
  } as NewApiKey;
  return onKeys(flags, async (gateway) => {
    const { key, secret } = await gateway.keys.create(wanted);
    process.stdout.write(`${secret}\n`);
    process.stderr.write(`Made the key ${key.id}. It is shown this once; a running server takes it within a second.\n`);
  });
}

/** `sluice keys list`: every key, and never what it is made of. */
export function listKeys(flags: Flags): Promise<void> {
  return onKeys(flags, async (gateway) => {
    const rows = (await gateway.keys.list()).map((key) => [
      key.id,
      key.name || "-",
      key.role,
      key.expiresAt ?? "never",
      narrowed(key),
      key.createdAt,
    ]);
    process.stdout.write(table([["ID", "NAME", "ROLE", "ENDS", "ONLY FOR", "CREATED"], ...rows]));
  });
}

/** `sluice keys revoke ID`. */
export function revokeKey(id: string, flags: Flags): Promise<void> {
  return onKeys(flags, async (gateway) => {
    await gateway.keys.delete(id);
    process.stdout.write(`Revoked ${id}. A running server refuses it within a second.\n`);
  });
}

/** Works on the keys as the store has them, also while a server runs on it. */
async function onKeys(flags: Flags, work: (gateway: Gateway) => Promise<void>): Promise<void> {
  const { config } = loadConfig(flags);
  if (config.store === "memory") throw new ConfigError("store: memory keeps no keys");
  const gateway = gatewayOf(config, { store: bareStoreOf(config) });
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

function listed(text: string | undefined): readonly string[] | undefined {
  return text?.split(",").map((item) => item.trim());
}

function narrowed({ scopes, models, layers }: ApiKeyView): string {
  return [...(scopes ?? []), ...(models ?? []), ...(layers ?? [])].join(",") || "-";
}
