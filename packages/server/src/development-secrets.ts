import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ServerConfig } from "./config/schema.js";
import { generatedSecret } from "./generated-secret.js";
import { isPostgres } from "./store-of.js";

const MASTER_KEY = "master-key";

/** In development logins, and what is kept sealed, outlive a restart without anybody having thought of a secret. */
export function withGeneratedSecrets(config: ServerConfig, dataDir: string | null): ServerConfig {
  if (config.mode !== "development" || dataDir === null) return config;
  const { auth } = config;
  const jwtSecret = auth.jwtSecret || generatedSecret(join(dataDir, "jwt-secret"));
  return withMasterKey({ ...config, auth: { ...auth, jwtSecret } }, () => generatedSecret(join(dataDir, MASTER_KEY)));
}

/** For commands beside a server: with the master key that the server has made. */
export function withKeptMasterKey(config: ServerConfig): ServerConfig {
  const file = join(config.dataDir, MASTER_KEY);
  if (config.mode !== "development" || !existsSync(file)) return config;
  return withMasterKey(config, () => readFileSync(file, "utf8").trim());
}

/** What is kept in a Postgres is read by others too, who have not this directory. */
function withMasterKey(config: ServerConfig, made: () => string): ServerConfig {
  const { secrets, store } = config;
  if (secrets.masterKey || isPostgres(store)) return config;
  return { ...config, secrets: { ...secrets, masterKey: made() } };
}
