import { readFileSync } from "node:fs";
import { ConfigError } from "./config-error.js";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Replaces `"env:NAME"` and `"file:/path"` by what they stand for, so that secrets need not stand in the file.
 * A variable that is not set makes its key absent.
 * @throws ConfigError for a file that cannot be read
 */
export function resolveReferences(value: unknown, environment: Environment, path: readonly string[] = []): unknown {
  if (typeof value === "string") return resolveText(value, environment, path);
  if (Array.isArray(value)) {
    return value
      .map((item, index) => resolveReferences(item, environment, [...path, String(index)]))
      .filter((item) => item !== undefined);
  }
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, member]) => [
    key,
    resolveReferences(member, environment, [...path, key]),
  ]);
  return Object.fromEntries(entries.filter(([, member]) => member !== undefined));
}

function resolveText(text: string, environment: Environment, path: readonly string[]): string | undefined {
  if (text.startsWith("env:")) return environment[text.slice("env:".length)] || undefined;
  if (!text.startsWith("file:")) return text;
  const file = text.slice("file:".length);
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new ConfigError(`${path.join(".")} refers to the file ${file}, which cannot be read (${code})`);
  }
}
