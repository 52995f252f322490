import { type Flags, type LoadedConfig, loadConfigFrom } from "./config/load.js";
import { withShellVariables } from "./config/shell-variables.js";

/**
 * Loads the server's configuration from flags, this process's environment and the configuration file.
 * @throws ConfigError with one line that names the key and never its value
 */
export function loadConfig(flags: Flags = {}): LoadedConfig {
  const loaded = loadConfigFrom({ flags, environment: process.env, directory: process.cwd() });
  return withShellVariables(loaded, process.env);
}
