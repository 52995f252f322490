import { join } from "node:path";
import { type Gateway, type GatewayOptions, isGatewayError, type Logger } from "@sluice/core";
import { type Serving, serve } from "@sluice/node";
import { banner } from "./banner.js";
import { FileWatch } from "./config/file-watch.js";
import type { LoadedConfig } from "./config/load.js";
import type { ServerConfig } from "./config/schema.js";
import { configSource } from "./config-source.js";
import { type DataDir, openDataDir } from "./data-dir.js";
import { withGeneratedSecrets } from "./development-secrets.js";
import { makeFirstAdmin } from "./first-admin.js";
import { gatewayOf } from "./gateway-of.js";
import { createLogger } from "./logger.js";
import { keptPrices, priceFile } from "./price-file.js";
import { refusal } from "./refusals.js";
import { storeOf } from "./store-of.js";

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

/** Parts of a server that its caller may bring. */
export interface StartOptions {
  /** Where to log. @defaultValue JSON lines on standard error, by the configured level */
  readonly logger?: Logger | undefined;
  /** Told of every configuration that has come into force after the first. */
  readonly onConfig?: ((config: ServerConfig) => void) | undefined;
}

/**
 * Starts the reference server. It reads its configuration anew when the file changes.
 * @throws StartRefused naming what to change
 * @throws ConfigError for a configuration the gateway cannot be made from
 */
export async function startServer(loaded: LoadedConfig, options: StartOptions = {}): Promise<RunningServer> {
  const { config } = loaded;
  const reason = refusal(config);
  if (reason !== null) throw new StartRefused(reason);
  const { logger, onConfig } = loggingOf(config, options);
  const dataDir = config.store === "memory" ? null : claim(config.dataDir);
  const watches: { close(): void }[] = [];
  const release = (): void => {
    for (const watch of watches) watch.close();
    dataDir?.release();
  };
  try {
    const keepers = dataDir ? keepersOf(config, dataDir.path, logger) : {};
    const complete = (read: ServerConfig) => withGeneratedSecrets(read, dataDir?.path ?? null);
    const source = configSource({ loaded, complete, applied: onConfig });
    const gateway = gatewayOf(complete(config), { logger, configSource: source, ...keepers });
    watches.push(new FileWatch(loaded.place, () => gateway.config.reload())); // before anything is waited for
    if (dataDir) watches.push(watchPrices(dataDir.path, gateway, logger));
    const serving = await listen(gateway, config);
    const firstAdmin = await makeFirstAdmin(gateway, config);
    return {
      url: serving.url,
      gateway,
      banner: await banner({ url: serving.url, gateway, loaded, dataDir: dataDir?.path ?? null, firstAdmin }),
      async close() {
        for (const watch of watches) watch.close();
        await serving.close();
        release();
      },
    };
  } catch (error) {
    release();
    throw error;
  }
}

function loggingOf(config: ServerConfig, { logger, onConfig = () => {} }: StartOptions) {
  if (logger) return { logger, onConfig };
  const own = createLogger(config);
  const follow = (next: ServerConfig): void => {
    own.follow(next);
    onConfig(next);
  };
  return { logger: own, onConfig: follow };
}

function claim(directory: string): DataDir {
  try {
    return openDataDir(directory);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new StartRefused(code ? `dataDir ${directory} cannot be used (${code})` : (error as Error).message);
  }
}

/** What keeps things beyond the process, in its data directory. */
function keepersOf(
  config: ServerConfig,
  dataDir: string,
  logger: Logger,
): Pick<GatewayOptions, "store" | "journalDir" | "prices"> {
  return {
    store: storeOf(config, dataDir, logger),
    journalDir: join(dataDir, "journal"),
    prices: keptPrices(dataDir),
  };
}

/** Takes up what `sluice prices update` puts into the data directory. A list that is none changes nothing. */
function watchPrices(dataDir: string, gateway: Gateway, logger: Logger): FileWatch {
  return new FileWatch(priceFile(dataDir), async () => {
    try {
      const prices = keptPrices(dataDir);
      gateway.models.setPrices(prices);
      logger.info({ event: "prices-updated", prices: prices.length }, "the prices were read again");
    } catch (error) {
      logger.error(
        { event: "prices-refused", err: error },
        "the prices were not taken over; those before stay in force",
      );
    }
  });
}

async function listen(gateway: Gateway, config: ServerConfig): Promise<Serving> {
  const { host, port, mode, trustProxy, drain } = config;
  // Behind a proxy every connection comes from it.
  const connections = trustProxy ? { perAddress: null } : {};
  // Nobody balances load over a developer's machine: Ctrl-C should not take two seconds there.
  const acceptMs = drain.acceptMs ?? (mode === "development" ? 0 : undefined);
  try {
    return await serve(gateway, {
      port,
      drain: { ...drain, acceptMs },
      connections,
      ...(host === null ? {} : { host }),
    });
  } catch (error) {
    await gateway.close();
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "EADDRINUSE") throw new StartRefused(`port ${port} is in use; choose another with --port`);
    if (code === "EACCES")
      throw new StartRefused(`port ${port} may not be opened by this user; choose one above 1023 with --port`);
    if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND")
      throw new StartRefused(`host ${host} is no address of this machine`);
    if (isGatewayError(error) || code === undefined) throw new StartRefused(message);
    throw error;
  }
}
