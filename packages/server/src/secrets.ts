import type { ServerConfig } from "./config/schema.js";

const SECRET_KEYS = [
  /(?:\.apiKey|\.jwtSecret|\.retiredJwtSecrets|\.adminPassword|\.alertWebhook\.secret)$/,
  /^providers\..+\.headers\./,
  /^redis(?:\.|$)/,
  /^terminal\.presets\..+\.(?:password|passphrase|privateKey|jump)$/, // a jump holds a login too
];
const USER_INFO = /(?<=:\/\/)[^:@]*:?(.*)(?=@)/;
const MIN_LENGTH = 8;

/** What stands for a secret in everything that is printed. */
export const MASK = "********";

/** Whether the value of a key, given as dotted path, is for nobody's eyes. */
export function isSecretKey(key: string): boolean {
  return SECRET_KEYS.some((pattern) => pattern.test(key));
}

/** A value as it may be printed. */
export function withoutSecrets(key: string, value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (isSecretKey(key)) return MASK;
  return typeof value === "string" ? value.replace(USER_INFO, MASK) : value;
}

/** A configuration value by value: dotted path and value; lists stay whole. */
export function flatten(value: unknown, path = ""): readonly (readonly [string, unknown])[] {
  if (typeof value !== "object" || value === null || Array.isArray(value) || Object.keys(value).length === 0)
    return [[path, value]];
  return Object.entries(value).flatMap(([key, member]) => flatten(member, path ? `${path}.${key}` : key));
}

/** Every secret of a configuration that is long enough to be told from ordinary text. */
export function secretsOf(config: ServerConfig): readonly string[] {
  const retired = config.auth.retiredJwtSecrets.map(({ secret }) => ["auth.jwtSecret", secret] as const);
  const texts = [...flatten(config), ...retired]
    .flatMap(([key, value]) =>
      Array.isArray(value) ? value.map((item) => [key, item] as const) : [[key, value] as const],
    )
    .flatMap(([key, value]) => (typeof value === "string" ? [[key, value] as const] : []))
    .flatMap(([key, value]) => [isSecretKey(key) ? value : "", USER_INFO.exec(value)?.[1] ?? ""]);
  return texts.filter((text) => text.length >= MIN_LENGTH);
}
