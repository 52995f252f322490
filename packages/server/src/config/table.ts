import { DOCUMENTED_VARIABLES, NAMED_PROVIDERS, variableOf } from "./environment.js";
import {
  type ConfigKey,
  configJsonSchema,
  configKeys,
  itemsOf,
  keysOf,
  type SchemaNode,
  typesOf,
} from "./json-schema.js";

/** One row of the table of configuration keys. */
export interface ConfigRow {
  /** Dotted path; `NAME` stands for a name of the user's own, `[]` for each item of a list. */
  readonly key: string;
  readonly type: string;
  /** As JSON; empty where there is none. */
  readonly fallback: string;
  /** The environment variable that sets it; empty where there is none. */
  readonly variable: string;
  readonly description: string;
}

/** Every key of the configuration, for the docs. */
export function configTable(): readonly ConfigRow[] {
  const named = new Map(Object.entries(DOCUMENTED_VARIABLES).map(([variable, path]) => [path.join("."), variable]));
  return configKeys([...NAMED_PROVIDERS, "NAME"])
    .filter(({ node, path }) => path[0] !== "$schema" && !isGroup(node))
    .map((key) => ({ ...rowOf(key), variable: named.get(key.path.join(".")) }))
    .filter(({ key, variable }) => variable || !isOfNamedProvider(key))
    .map((row) => ({ ...row, variable: row.variable ?? variableOf(row.key.split(".")) }));
}

/** Their keys are told under `NAME`, but for those with a variable of their own. */
function isOfNamedProvider(key: string): boolean {
  return NAMED_PROVIDERS.some((name) => key.startsWith(`providers.${name}.`));
}

/** Every key of an entry under `models`. */
export function modelTable(): readonly ConfigRow[] {
  const item = itemsOf(configJsonSchema().properties?.models ?? {}) ?? {};
  return keysOf(item, ["models[]"], [])
    .filter(({ node }) => !isGroup(node))
    .map((key) => ({ ...rowOf(key), variable: "" }));
}

function rowOf({ path, node }: ConfigKey): Omit<ConfigRow, "variable"> {
  const fallback = node.default === undefined || hasKeys(node) ? "" : JSON.stringify(node.default);
  return { key: path.join("."), type: typeOf(node), fallback, description: node.description ?? "" };
}

/** Whether a key is nothing but the keys below it. */
function isGroup(node: SchemaNode): boolean {
  return hasKeys(node) && typesOf(node).size === 1;
}

function hasKeys(node: SchemaNode): boolean {
  const entry = node.additionalProperties;
  const open = typeof entry === "object" && hasKeys(entry);
  return open || node.properties !== undefined || (node.anyOf ?? []).some(hasKeys);
}

function typeOf(node: SchemaNode): string {
  if (node.enum) return node.enum.map((value) => JSON.stringify(value)).join(" | ");
  const items = itemsOf(node);
  return [...typesOf(node)].map((type) => (type === "array" && items ? `list of ${typeOf(items)}` : type)).join(" | ");
}
