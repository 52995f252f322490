import type { LoadedConfig } from "./load.js";

/** What programs need to find each other and to speak the user's language; the environment holds keys besides. */
const PASSED_ON = /^(?:PATH|LANG|LC_[A-Z]+|TZ|TMPDIR)$/;

/** Lets local terminals have a few variables of the server's own, under those that are configured. */
export function withShellVariables(
  loaded: LoadedConfig,
  environment: Readonly<Record<string, string | undefined>>,
): LoadedConfig {
  const { config } = loaded;
  const passed: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) if (value && PASSED_ON.test(name)) passed[name] = value;
  const terminal = { ...config.terminal, env: { ...passed, ...config.terminal.env } };
  return { ...loaded, config: { ...config, terminal }, reread: () => withShellVariables(loaded.reread(), environment) };
}
