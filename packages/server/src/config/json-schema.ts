import { z } from "zod";
import { ServerConfig } from "./schema.js";

/** The parts of a JSON Schema that name keys and types. */
export interface SchemaNode {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  /** What the entries of a record are like; false where there is no further key. */
  readonly additionalProperties?: SchemaNode | boolean;
  readonly required?: readonly string[];
  readonly anyOf?: readonly SchemaNode[];
  readonly enum?: readonly unknown[];
  readonly items?: SchemaNode;
  readonly default?: unknown;
  readonly description?: string;
}

/** The configuration file as JSON Schema, for editors. */
export function configJsonSchema(): SchemaNode {
  rendered ??= z.toJSONSchema(ServerConfig, { io: "input" }) as SchemaNode; // its parts are read with care
  return rendered;
}

let rendered: SchemaNode | null = null;

/** One key of the configuration. */
export interface ConfigKey {
  readonly path: readonly string[];
  readonly node: SchemaNode;
}

/**
 * Every key of the schema, parents before their children.
 * @param providers whose keys are named too, since any name may stand under `providers`
 */
export function configKeys(providers: readonly string[] = []): readonly ConfigKey[] {
  return keysOf(configJsonSchema(), [], providers);
}

/** The keys below one node; `names` are taken to stand in each record of objects. */
export function keysOf(node: SchemaNode, path: readonly string[], names: readonly string[]): readonly ConfigKey[] {
  const entry = node.additionalProperties;
  const entries = typeof entry === "object" && entry.properties ? names.map((name) => [name, entry] as const) : [];
  const own = [...Object.entries(node.properties ?? {}), ...entries].flatMap(([name, child]) => [
    { path: [...path, name], node: child },
    ...keysOf(child, [...path, name], names),
  ]);
  return [...own, ...(node.anyOf ?? []).flatMap((option) => keysOf(option, path, names))];
}

/** Every type a value of this node may have. */
export function typesOf({ type, enum: values, anyOf = [] }: SchemaNode): ReadonlySet<string> {
  const own = type === undefined ? (values ? ["string"] : []) : typeof type === "string" ? [type] : type;
  return new Set([...own, ...anyOf.flatMap((option) => [...typesOf(option)])]);
}

/** What the items of a list are like, where a value of this node may be a list. */
export function itemsOf(node: SchemaNode): SchemaNode | undefined {
  if (node.items) return node.items;
  for (const option of node.anyOf ?? []) {
    const found = itemsOf(option);
    if (found) return found;
  }
  return undefined;
}
