import { configValues, isSecretKey, USER_INFO } from "@sluice/core";
import type { ServerConfig } from "./config/schema.js";

const MIN_LENGTH = 8;

/** Every secret of a configuration that is long enough to be told from ordinary text. */
export function secretsOf(config: ServerConfig): readonly string[] {
  const retired = config.auth.retiredJwtSecrets.map(({ secret }) => ["auth.jwtSecret", secret] as const);
  const texts = [...configValues(config), ...retired]
    .flatMap(([key, value]) =>
      Array.isArray(value) ? value.map((item) => [key, item] as const) : [[key, value] as const],
    )
    .flatMap(([key, value]) => (typeof value === "string" ? [[key, value] as const] : []))
    .flatMap(([key, value]) => [isSecretKey(key) ? value : "", USER_INFO.exec(value)?.[1] ?? ""]);
  return texts.filter((text) => text.length >= MIN_LENGTH);
}
