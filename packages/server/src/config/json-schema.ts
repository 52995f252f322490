import { z } from "zod";
import { ServerConfig } from "./schema.js";

/** The parts of a JSON Schema that name keys and types. */
export interface SchemaNode {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly anyOf?: readonly SchemaNode[];
  readonly enum?: readonly unknown[];
  readonly items?: SchemaNode;
  readonly default?: unknown;
  readonly description?: string;
}

/** The configuration file as JSON Schema, for editors. */
export function configJsonSchema(): SchemaNode {
  return z.toJSONSchema(ServerConfig, { io: "input" }) as SchemaNode; // its parts are read with care
}

/** One key of the configuration. */
export interface ConfigKey {
  readonly path: readonly string[];
  readonly node: SchemaNode;
}

/** Every key of the schema, parents before their children. */
export function configKeys(node: SchemaNode = configJsonSchema(), path: readonly string[] = []): readonly ConfigKey[] {
  const own = Object.entries(node.properties ?? {}).flatMap(([name, child]) => [
    { path: [...path, name], node: child },
    ...configKeys(child, [...path, name]),
  ]);
  return [...own, ...(node.anyOf ?? []).flatMap((option) => configKeys(option, path))];
}

/** Every type a value of this node may have. */
export function typesOf(node: SchemaNode): ReadonlySet<string> {
  const own = node.type ? [node.type] : node.enum ? ["string"] : [];
  return new Set([...own, ...(node.anyOf ?? []).flatMap((option) => [...typesOf(option)])]);
}
