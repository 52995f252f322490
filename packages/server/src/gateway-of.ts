import { type ConfigOptions, Gateway, type GatewayOptions } from "@sluice/core";
import { ConfigError } from "./config/config-error.js";
import type { ServerConfig } from "./config/schema.js";

/**
 * A gateway from the server's configuration.
 * @throws ConfigError for what only the gateway can know to be wrong, such as a provider type that does not exist
 */
export function gatewayOf(
  config: ServerConfig,
  parts: Pick<GatewayOptions, "store" | "logger" | "journalDir" | "prices" | "configSource"> = {},
): Gateway {
  try {
    return new Gateway({ ...gatewayOptions(config), ...parts });
  } catch (error) {
    if (error instanceof TypeError) throw new ConfigError(error.message.replace(/^Gateway options: /, ""));
    throw error;
  }
}

/** What of the server's configuration is the gateway's. */
export function gatewayOptions({
  $schema,
  host,
  port,
  dataDir,
  store,
  drain,
  ...options
}: ServerConfig): ConfigOptions {
  return options;
}
