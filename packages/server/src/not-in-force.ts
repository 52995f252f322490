import { configValues } from "@sluice/core";
import type { LoadedConfig } from "./config/load.js";

/** Keys this release reads and checks, but does not act upon yet. */
const NOT_IN_FORCE = ["terminal.allowHosts", "terminal.denyHosts", "terminal.ports", "terminal.presetsOnly"];

/** The keys that somebody has set and that change nothing in this release. */
export function keysNotInForce({ config, origins }: LoadedConfig): readonly string[] {
  const values = new Map(configValues(config));
  return [...origins.keys()].filter((key) => {
    return NOT_IN_FORCE.some((name) => key === name || key.startsWith(`${name}.`)) && !isOff(values.get(key));
  });
}

/** Who switches a thing off misses nothing where it is not there. */
function isOff(value: unknown): boolean {
  return value === undefined || value === null || value === false || value === "off";
}
