import type { LoadedConfig } from "../config/load.js";
import { loadConfig } from "../config.js";
import { refusal } from "../refusals.js";

const SECRET = /(?:apiKey|jwtSecret|adminPassword)(?:\.\d+)?$/;

/** `sluice config check`: prints every value, where it comes from, and whether the server would start with it. */
export function configCheck(file: string | undefined): number {
  const loaded = loadConfig({ config: file });
  process.stdout.write(`${report(loaded)}\n`);
  const reason = refusal(loaded.config);
  process.stdout.write(
    reason === null ? "\nThis configuration is valid.\n" : `\nThis configuration does not start: ${reason}\n`,
  );
  return reason === null ? 0 : 78;
}

/** One line a value: key, value (secrets masked), origin. */
export function report({ config, origins }: LoadedConfig): string {
  const rows = flatten(config).map(([key, value]) => [key, shown(key, value), originOf(key, origins)] as const);
  const widths = [0, 1].map((column) => Math.min(60, Math.max(...rows.map((row) => (row[column] as string).length))));
  return rows
    .map(([key, value, origin]) => `${key.padEnd(widths[0] ?? 0)}  ${value.padEnd(widths[1] ?? 0)}  ${origin}`)
    .join("\n");
}

function flatten(value: unknown, path = ""): readonly (readonly [string, unknown])[] {
  if (typeof value !== "object" || value === null || Array.isArray(value) || Object.keys(value).length === 0)
    return [[path, value]];
  return Object.entries(value).flatMap(([key, member]) => flatten(member, path ? `${path}.${key}` : key));
}

function shown(key: string, value: unknown): string {
  if (value === undefined || value === null) return String(value ?? null);
  // Further headers and a store URL may carry credentials as well.
  if (SECRET.test(key) || /^providers\.[^.]+\.headers\./.test(key) || key === "redis") return "********";
  if (key === "store") return JSON.stringify(value).replace(/\/\/[^@/]*@/, "//********@");
  return JSON.stringify(value);
}

function originOf(key: string, origins: ReadonlyMap<string, string>): string {
  for (const [path, origin] of origins) if (key === path || key.startsWith(`${path}.`)) return origin;
  return "default";
}
