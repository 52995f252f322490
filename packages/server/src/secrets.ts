import { isSecretKey, USER_INFO } from "@sluice/core";
import type { ServerConfig } from "./config/schema.js";

const MIN_LENGTH = 8;

/** Every secret of a configuration that is long enough to be told from ordinary text. */
export function secretsOf(config: ServerConfig): readonly string[] {
  return textsIn("", config)
    .flatMap(([key, text]) => [isSecretKey(key) ? text : "", USER_INFO.exec(text)?.[1] ?? ""])
    .filter((text) => text.length >= MIN_LENGTH);
}

/** Every text, and the key it is for: that of its list, where it stands in one. */
function textsIn(key: string, value: unknown): readonly (readonly [string, string])[] {
  if (typeof value === "string") return [[key, value]];
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item) => textsIn(key, item));
  return Object.entries(value).flatMap(([name, member]) => textsIn(key ? `${key}.${name}` : name, member));
}
