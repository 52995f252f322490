import type { LoadedConfig } from "./config/load.js";
import type { ServerConfig } from "./config/schema.js";

/**
 * Who can read secrets out of this process's environment besides its own user; null for nobody. A process can look into
 * `/proc/…/environ` of every other of its user, and deleting a variable does not change what stands there. Who may open
 * terminals on this machine alone is that user.
 */
export function exposedTo({ config, secretVariables }: LoadedConfig): string | null {
  return secretVariables.length === 0 || config.terminal.runAs !== null ? null : othersWithTerminals(config);
}

function othersWithTerminals({ terminal, mcp }: ServerConfig): string | null {
  if (terminal.mode === "off") return null;
  if (terminal.mode === "authenticated") return "whoever may open a terminal";
  return Object.values(mcp.terminals).some(({ type }) => type === "local") ? "a model with a terminal" : null;
}
