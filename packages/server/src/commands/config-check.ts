import { configValues, isSecretKey, MASK, originOf, withoutSecrets } from "@sluice/core";
import type { Flags, LoadedConfig } from "../config/load.js";
import { loadConfig } from "../config.js";
import { gatewayOf } from "../gateway-of.js";
import { refusal } from "../refusals.js";

/** `sluice config check`: prints every value, where it comes from, and whether the server would start with it. */
export function configCheck(flags: Flags): number {
  const loaded = loadConfig(flags);
  const reason = refusal(loaded.config);
  if (reason === null) gatewayOf(loaded.config); // makes no connection, and knows what the schema alone does not
  process.stdout.write(`${report(loaded)}\n`);
  process.stdout.write(
    reason === null ? "\nThis configuration is valid.\n" : `\nThis configuration does not start: ${reason}\n`,
  );
  return reason === null ? 0 : 78;
}

/** One line a value: key, value (secrets masked), origin. */
export function report({ config, origins }: LoadedConfig): string {
  const rows = configValues(config).map(([key, value]) => [key, shown(key, value), originOf(key, origins)] as const);
  const widths = [0, 1].map((column) => Math.min(60, Math.max(...rows.map((row) => (row[column] as string).length))));
  return rows
    .map(([key, value, origin]) => `${key.padEnd(widths[0] ?? 0)}  ${value.padEnd(widths[1] ?? 0)}  ${origin}`)
    .join("\n");
}

function shown(key: string, value: unknown): string {
  const printable = withoutSecrets(key, value);
  return isSecretKey(key) && printable === MASK ? MASK : JSON.stringify(printable);
}
