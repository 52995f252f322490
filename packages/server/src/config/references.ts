import { readFileSync } from "node:fs";
import { coerce } from "./coerce.js";
import { ConfigError } from "./config-error.js";
import type { SchemaNode } from "./json-schema.js";

/** What references are resolved with. */
export interface ReferenceSources {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What the schema says of a key, so that a text becomes the type it wants. */
  nodeAt(path: readonly string[]): SchemaNode | undefined;
}

/**
 * Replaces `"env:NAME"` and `"file:/path"` by what they stand for, so that secrets need not stand in the configuration.
 * A variable that is not set makes its key absent.
 * @throws ConfigError for a file that cannot be read, or is empty
 */
export function resolveReferences(value: unknown, sources: ReferenceSources, path: readonly string[]): unknown {
  if (typeof value === "string") {
    const text = resolveText(value, sources, path);
    const node = sources.nodeAt(path);
    return text === undefined || text === value || !node ? text : coerce(text, node);
  }
  if (Array.isArray(value)) {
    const items = value.map((item, index) => resolveReferences(item, sources, [...path, String(index)]));
    const present = items.filter((item) => item !== undefined);
    return present.length === 0 && items.length > 0 ? undefined : present;
  }
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).map(([key, member]) => [
    key,
    resolveReferences(member, sources, [...path, key]),
  ]);
  return Object.fromEntries(members.filter(([, member]) => member !== undefined));
}

function resolveText(text: string, { environment }: ReferenceSources, path: readonly string[]): string | undefined {
  if (text.startsWith("env:")) return environment[text.slice("env:".length)] || undefined;
  if (!text.startsWith("file:")) return text;
  const file = text.slice("file:".length);
  const content = readText(file, path).trim();
  if (content === "") throw new ConfigError(`${path.join(".")} refers to the file ${file}, which is empty`);
  return content;
}

function readText(file: string, path: readonly string[]): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new ConfigError(`${path.join(".")} refers to the file ${file}, which cannot be read (${code})`);
  }
}
