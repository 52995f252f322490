import { join } from "node:path";
import { Gateway, type Store } from "@sluice/core";
import { sqliteStore } from "@sluice/core/stores/sqlite";
import { type Serving, serve } from "@sluice/node";
import { banner } from "./banner.js";
import type { LoadedConfig } from "./config/load.js";
import type { ServerConfig } from "./config/schema.js";
import { openDataDir } from "./data-dir.js";
import { createLogger } from "./logger.js";
import { refusal } from "./refusals.js";

/** A start that was refused: nothing listens. Its message is one line. */
export class StartRefused extends Error {
  override readonly name = "StartRefused";
}

/** A server that listens. */
export interface RunningServer {
  readonly url: string;
  readonly gateway: Gateway;
  /** What to print for a person. */
  readonly banner: string;
  /** Drains and closes everything, the lock of the data directory last. */
  close(): Promise<void>;
}

/**
 * Starts the reference server.
 * @throws StartRefused naming what to change
 */
export async function startServer(loaded: LoadedConfig): Promise<RunningServer> {
  const { config } = loaded;
  const reason = refusal(config);
  if (reason !== null) throw new StartRefused(reason);
  const dataDir = config.store === "sqlite" ? claim(config.dataDir) : null;
  try {
    const gateway = new Gateway({
      ...gatewayOptions(config),
      logger: createLogger(config.logLevel),
      ...storeOf(dataDir?.path),
    });
    const serving = await listen(gateway, config);
    return {
      url: serving.url,
      gateway,
      banner: await banner({ url: serving.url, gateway, loaded, dataDir: dataDir?.path ?? null }),
      async close() {
        await serving.close();
        dataDir?.release();
      },
    };
  } catch (error) {
    dataDir?.release();
    throw error;
  }
}

function claim(directory: string): ReturnType<typeof openDataDir> {
  try {
    return openDataDir(directory);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new StartRefused(code ? `dataDir ${directory} cannot be used (${code})` : (error as Error).message);
  }
}

function storeOf(dataDir: string | undefined): { readonly store?: Store } {
  return dataDir === undefined ? {} : { store: sqliteStore({ file: join(dataDir, "sluice.db") }) };
}

/** What is the gateway's own of the server's configuration. */
function gatewayOptions({
  $schema,
  host,
  port,
  dataDir,
  store,
  ...options
}: ServerConfig): Omit<ServerConfig, "$schema" | "host" | "port" | "dataDir" | "store"> {
  return options;
}

async function listen(gateway: Gateway, { host, port, mode }: ServerConfig): Promise<Serving> {
  // Nobody balances load over a developer's machine: Ctrl-C should not take two seconds there.
  const drain = mode === "development" ? { acceptMs: 0 } : {};
  try {
    return await serve(gateway, { port, drain, ...(host === null ? {} : { host }) });
  } catch (error) {
    await gateway.close();
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "EADDRINUSE") throw new StartRefused(`port ${port} is in use; choose another with --port`);
    if (code === "EACCES")
      throw new StartRefused(`port ${port} may not be opened by this user; choose one above 1023 with --port`);
    if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND")
      throw new StartRefused(`host ${host} is no address of this machine`);
    throw error instanceof TypeError || code === undefined ? new StartRefused(message) : error;
  }
}
