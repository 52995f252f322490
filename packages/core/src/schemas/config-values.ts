const SECRET_KEYS = [
  /(?:\.apiKey|\.jwtSecret|\.retiredJwtSecrets(?:\.secret)?|\.masterKey|\.retiredMasterKeys|\.adminPassword)$/,
  /\.alertWebhook\.(?:secret|url)$/, // many of the addresses are a secret themselves
  /^providers\..+\.headers\./,
  /^redis(?:\.|$)/,
  /^(?:terminal\.env|mcp\.terminals\..+\.env)\./,
  /^(?:terminal\.presets|mcp\.terminals)\..+\.(?:password|passphrase|privateKey|jump)$/, // a jump holds a login too
];
/** What stands between `://` and `@` of a URL, the password apart. */
export const USER_INFO = /(?<=:\/\/)[^:@]*:?(.*)(?=@)/;

/** What stands for a secret in everything that is shown. */
export const MASK = "********";

/** Whether the value of a configuration key, given as dotted path, is for nobody's eyes. */
export function isSecretKey(key: string): boolean {
  return SECRET_KEYS.some((pattern) => pattern.test(key));
}

/** A value as it may be shown: without what is secret in it. */
export function withoutSecrets(key: string, value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (isSecretKey(key)) return MASK;
  return typeof value === "string" ? value.replace(USER_INFO, MASK) : value;
}

/** A configuration value by value: dotted path and value; lists stay whole. */
export function configValues(value: unknown, path = ""): readonly (readonly [string, unknown])[] {
  if (typeof value !== "object" || value === null || Array.isArray(value) || Object.keys(value).length === 0)
    return [[path, value]];
  return Object.entries(value).flatMap(([key, member]) => configValues(member, path ? `${path}.${key}` : key));
}

/** Where a value comes from, in words: `default` for a key that nobody has set. */
export function originOf(key: string, origins: ReadonlyMap<string, string>): string {
  for (const [path, origin] of origins) if (key === path || key.startsWith(`${path}.`)) return origin;
  return "default";
}
