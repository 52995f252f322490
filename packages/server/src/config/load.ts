import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { z } from "zod";
import { ConfigError } from "./config-error.js";
import { readEnvironment, type Setting } from "./environment.js";
import { readConfigFile } from "./file.js";
import { resolveReferences } from "./references.js";
import { ServerConfig } from "./schema.js";

const DEFAULT_FILE = "sluice.config.json";

/** What the command line says. */
export interface Flags {
  readonly config?: string | undefined;
  readonly host?: string | undefined;
  readonly port?: string | undefined;
  readonly "data-dir"?: string | undefined;
}

/** A configuration and where each value of it comes from. */
export interface LoadedConfig {
  readonly config: ServerConfig;
  /** The file that was read, or null. */
  readonly file: string | null;
  /** In words, by dotted path; a key that is not in it has its default. */
  readonly origins: ReadonlyMap<string, string>;
}

/** Where a configuration is looked for. */
export interface LoadInput {
  readonly flags: Flags;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly directory: string;
}

/**
 * Puts the configuration together: flags over environment over file over defaults.
 * @throws ConfigError with one line that names the key and never its value
 */
export function loadConfigFrom({ flags, environment, directory }: LoadInput): LoadedConfig {
  const file = findFile(flags.config, directory);
  const settings = [
    ...(file ? leaves(resolveReferences(readConfigFile(file), environment), `file ${file}`) : []),
    ...readEnvironment(environment),
    ...readFlags(flags),
  ];
  const origins = new Map<string, string>();
  const input: Record<string, unknown> = {};
  for (const { path, value, origin } of settings) {
    put(input, path, value);
    origins.set(path.join("."), origin);
  }
  const parsed = ServerConfig.safeParse(input);
  if (!parsed.success) throw new ConfigError(describe(parsed.error, origins));
  return { config: parsed.data, file, origins };
}

function findFile(named: string | undefined, directory: string): string | null {
  if (named !== undefined) return resolve(directory, named);
  const usual = resolve(directory, DEFAULT_FILE);
  return existsSync(usual) ? usual : null;
}

function readFlags({ host, port, "data-dir": dataDir }: Flags): readonly Setting[] {
  const numeric = port !== undefined && /^\d+$/.test(port) ? Number(port) : port;
  const given: readonly (readonly [string, unknown])[] = [
    ["host", host],
    ["port", numeric],
    ["dataDir", dataDir],
  ];
  return given
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ({ path: [name], value, origin: "command line" }));
}

/** The values of a file one by one, so that each can be overridden and has its origin. Lists stay whole. */
function leaves(value: unknown, origin: string, path: readonly string[] = []): readonly Setting[] {
  const empty = typeof value === "object" && value !== null && Object.keys(value).length === 0;
  if (typeof value !== "object" || value === null || Array.isArray(value) || (empty && path.length > 0)) {
    return [{ path, value, origin }];
  }
  return Object.entries(value).flatMap(([key, member]) => leaves(member, origin, [...path, key]));
}

function put(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let node = target;
  for (const name of path.slice(0, -1)) {
    const next = node[name];
    const child: Record<string, unknown> =
      typeof next === "object" && next !== null && !Array.isArray(next) ? { ...next } : {};
    node[name] = child;
    node = child;
  }
  node[path.at(-1) ?? ""] = value;
}

function describe({ issues }: z.ZodError, origins: ReadonlyMap<string, string>): string {
  const [issue] = issues;
  if (!issue) return "the configuration is invalid";
  const path = issue.path.map(String);
  if (issue.code === "unrecognized_keys") {
    const key = [...path, issue.keys[0]].join(".");
    return `${key} is not a configuration key${originOf(key, origins)}`;
  }
  const key = path.join(".");
  return `${key}: ${issue.message}${originOf(key, origins)}`;
}

function originOf(key: string, origins: ReadonlyMap<string, string>): string {
  const found = [...origins].find(([path]) => path === key || path.startsWith(`${key}.`) || key.startsWith(`${path}.`));
  return found ? ` (${found[1]})` : "";
}
