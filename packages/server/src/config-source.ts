import type { ConfigReading, ConfigSource } from "@sluice/core";
import { ConfigError } from "./config/config-error.js";
import type { LoadedConfig } from "./config/load.js";
import type { ServerConfig } from "./config/schema.js";
import { gatewayOptions } from "./gateway-of.js";
import { refusal } from "./refusals.js";

/** How a server's configuration is read again. */
export interface ServerConfigSource {
  readonly loaded: LoadedConfig;
  /** Fills in what the server makes itself. */
  complete(config: ServerConfig): ServerConfig;
  /** Told of every configuration that has come into force. */
  applied(config: ServerConfig): void;
}

/** The places a server's configuration comes from, as its gateway reads them anew. */
export function configSource({ loaded, complete, applied }: ServerConfigSource): ConfigSource {
  let read = loaded;
  return {
    first: readingOf(loaded, complete),
    read() {
      read = loaded.reread();
      const reason = refusal(read.config);
      if (reason !== null) throw new ConfigError(reason);
      return readingOf(read, complete);
    },
    applied: () => applied(read.config),
  };
}

function readingOf({ config, origins, file }: LoadedConfig, complete: ServerConfigSource["complete"]): ConfigReading {
  const { host, port, dataDir, store, drain } = config;
  const surroundings = { host, port, dataDir, store, drain };
  return { options: gatewayOptions(complete(config)), surroundings, origins, file };
}
