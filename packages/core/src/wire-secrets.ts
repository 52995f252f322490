import type { GatewayConfig } from "./schemas/options.js";
import { configuredSecrets } from "./secrets/configured-secrets.js";
import { holdsSecret, type KnownSecrets } from "./secrets/known-secrets.js";
import { type HoldsSecret, keyVariable } from "./terminal/internal/key-variables.js";

/** Finds the secrets of the configuration as it is now, and those that have come in at run time. */
export function secretFinder(known: KnownSecrets, current: () => GatewayConfig): HoldsSecret {
  return (text) => known.isIn(text) || holdsSecret(text, configuredSecrets(current()));
}

/**
 * What terminals start with may hold no key either.
 * @throws TypeError naming the variable, never its value
 */
export function assertNoKeysConfigured(config: GatewayConfig): void {
  if (config.terminal.allowSecrets) return;
  const secrets = configuredSecrets(config);
  const places = Object.entries(config.mcp.terminals).map(
    ([name, terminal]) => [`mcp.terminals.${name}.env`, terminal.type === "local" ? terminal.env : undefined] as const,
  );
  for (const [place, env] of [["terminal.env", config.terminal.env] as const, ...places]) {
    const name = keyVariable(env, (text) => holdsSecret(text, secrets));
    if (name === undefined) continue;
    const why = "keys have no place in a terminal (terminal.allowSecrets lets them in)";
    throw new TypeError(`Gateway options: ${place}.${name}: ${why}`);
  }
}
