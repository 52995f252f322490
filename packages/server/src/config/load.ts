import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { z } from "zod";
import { secretsOf } from "../secrets.js";
import { ConfigError } from "./config-error.js";
import { NAMED_PROVIDERS, readEnvironment } from "./environment.js";
import { readConfigFile } from "./file.js";
import { configKeys, type SchemaNode, typesOf } from "./json-schema.js";
import { resolveReferences } from "./references.js";
import { ServerConfig } from "./schema.js";
import { assemble, type Setting } from "./settings.js";

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
  /** The file that is read, or would be if it were there. */
  readonly place: string;
  /** In words, by dotted path; a key that is not in it has its default. */
  readonly origins: ReadonlyMap<string, string>;
  /** The variables of the environment that hold secrets of it. */
  readonly secretVariables: readonly string[];
  /**
   * Puts it together anew from the same places. A file that was there has to be there again: without it, everything it
   * said would be gone.
   * @throws ConfigError as the first time
   */
  reread(): LoadedConfig;
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
export function loadConfigFrom(from: LoadInput): LoadedConfig {
  const { flags, environment, directory } = from;
  const place = resolve(directory, flags.config ?? DEFAULT_FILE);
  const file = flags.config !== undefined || existsSync(place) ? place : null;
  const fromFile = file ? readConfigFile(file) : {};
  const keys = configKeys([...new Set([...NAMED_PROVIDERS, ...namesIn(fromFile.providers)])]);
  const nodes = new Map(keys.map(({ path, node }) => [path.join("."), node]));
  const sources = { environment, nodeAt: (path: readonly string[]) => nodes.get(path.join(".")) };
  const settings: readonly Setting[] = [
    ...(file ? [{ path: [], value: fromFile, origin: `file ${file}` }] : []),
    ...readEnvironment(environment, keys),
    ...readFlags(flags),
  ];
  const { input, origins } = assemble(
    settings.map((setting) => ({ ...setting, value: resolveReferences(setting.value, sources, setting.path) })),
  );
  const parsed = ServerConfig.safeParse(input);
  if (!parsed.success) throw new ConfigError(describe(parsed.error, origins, sources.nodeAt));
  const again = file === null ? from : { ...from, flags: { ...flags, config: file } };
  const secretVariables = variablesWith(secretsOf(parsed.data), environment);
  return { config: parsed.data, file, place, origins, secretVariables, reread: () => loadConfigFrom(again) };
}

function variablesWith(secrets: readonly string[], environment: LoadInput["environment"]): readonly string[] {
  const names = Object.keys(environment).filter((name) =>
    secrets.some((secret) => environment[name]?.includes(secret)),
  );
  return names.sort();
}

function namesIn(value: unknown): readonly string[] {
  return typeof value === "object" && value !== null ? Object.keys(value) : [];
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

function describe(
  { issues }: z.ZodError,
  origins: ReadonlyMap<string, string>,
  nodeAt: (path: readonly string[]) => SchemaNode | undefined,
): string {
  const [issue] = issues;
  if (!issue) return "the configuration is invalid";
  const path = issue.path.map(String);
  if (issue.code === "unrecognized_keys") {
    const key = [...path, issue.keys[0]].join(".");
    return `${key} is not a configuration key${originOf(key, origins)}`;
  }
  const key = path.join(".");
  const node = nodeAt(path);
  const fault =
    issue.code === "invalid_union" && node
      ? `expected ${[...typesOf(node)].join(" or ")}`
      : issue.message.replace(/^Invalid input: /, "");
  return `${key}: ${fault}${originOf(key, origins)}`;
}

function originOf(key: string, origins: ReadonlyMap<string, string>): string {
  const found = [...origins].find(([path]) => path === key || path.startsWith(`${key}.`) || key.startsWith(`${path}.`));
  return found ? ` (${found[1]})` : "";
}
