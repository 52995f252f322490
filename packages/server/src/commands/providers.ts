import type { Flags } from "../config/load.js";
import { onStore } from "./on-store.js";
import { table } from "./table.js";

/** `sluice providers list`: every provider, and never its secrets. */
export function listProviders(flags: Flags): Promise<void> {
  return onStore(flags, async (gateway) => {
    const rows = (await gateway.providers.list()).map(({ id, type, source, on, problem, baseUrl, apiKeys }) => [
      id,
      type ?? "-",
      source,
      baseUrl ?? "-",
      apiKeys.join(" ") || "-",
      on ? "on" : `off: ${problem}`,
    ]);
    process.stdout.write(table([["ID", "TYPE", "SOURCE", "BASE URL", "KEYS", "STATE"], ...rows]));
  });
}

/** `sluice providers reset`: forgets every change made to the providers at run time, deletions included. */
export function resetProviders(flags: Flags): Promise<void> {
  return onStore(flags, async (gateway) => {
    await gateway.providers.reset();
    process.stdout.write(
      "The providers are those of the configuration again. A running server follows within a second.\n",
    );
  });
}
