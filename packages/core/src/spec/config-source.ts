import type { GatewayConfigInput } from "../schemas/config-input.js";
import type { Provider } from "./provider.js";

type ConfiguredProvider = NonNullable<GatewayConfigInput["providers"]>[string];

/** What can be changed while a gateway runs: the plain data of the configuration file, and providers. */
export interface ConfigOptions extends Omit<GatewayConfigInput, "providers"> {
  /** Upstreams by name: configuration, or a provider of the application's own. */
  readonly providers?: Readonly<Record<string, ConfiguredProvider | Provider>> | undefined;
}

/** A configuration as it was read. */
export interface ConfigReading {
  readonly options: ConfigOptions;
  /** Settings of the program around the gateway: shown beside the gateway's own, and changed by a restart alone. */
  readonly surroundings?: Readonly<Record<string, unknown>> | undefined;
  /** Where values come from, in words, by dotted path; a key that is not in it has its default. */
  readonly origins: ReadonlyMap<string, string>;
  /** The file it was read from; null for none. */
  readonly file: string | null;
}

/** Where a gateway's configuration comes from, so that it can be read again while the gateway runs. */
export interface ConfigSource {
  /** What the gateway is made from. */
  readonly first: ConfigReading;
  /** Reads it anew. What it throws refuses the reload; its message is told to whoever asked, so it holds no secret. */
  read(): ConfigReading | Promise<ConfigReading>;
  /** Told of every reading that has come into force. */
  applied?(reading: ConfigReading): void;
}
