import { DOCUMENTED_VARIABLES, variableOf } from "./environment.js";
import { type ConfigKey, configKeys, type SchemaNode, typesOf } from "./json-schema.js";

/** One row of the table of configuration keys. */
export interface ConfigRow {
  /** Dotted path. */
  readonly key: string;
  readonly type: string;
  /** As JSON; empty where there is none. */
  readonly fallback: string;
  /** The environment variable that sets it. */
  readonly variable: string;
  readonly description: string;
}

/** Every key of the configuration, for the docs. */
export function configTable(): readonly ConfigRow[] {
  const named = new Map(Object.entries(DOCUMENTED_VARIABLES).map(([variable, path]) => [path.join("."), variable]));
  return configKeys()
    .filter(({ node, path }) => path[0] !== "$schema" && !hasKeys(node))
    .map(({ path, node }: ConfigKey) => ({
      key: path.join("."),
      type: typeOf(node),
      fallback: node.default === undefined ? "" : JSON.stringify(node.default),
      variable: named.get(path.join(".")) ?? variableOf(path),
      description: node.description ?? "",
    }));
}

function hasKeys(node: SchemaNode): boolean {
  return node.properties !== undefined || (node.anyOf ?? []).some(hasKeys);
}

function typeOf(node: SchemaNode): string {
  if (node.enum) return node.enum.map((value) => JSON.stringify(value)).join(" | ");
  return [...typesOf(node)].join(" | ");
}
