import { coerce } from "./coerce.js";
import { ConfigError } from "./config-error.js";
import type { ConfigKey } from "./json-schema.js";
import type { Setting } from "./settings.js";

/** Environment variables with names of their own; every other key is `SLUICE_` and its path. */
export const DOCUMENTED_VARIABLES: Readonly<Record<string, readonly string[]>> = {
  PORT: ["port"],
  HOST: ["host"],
  DATA_DIR: ["dataDir"],
  DATABASE_URL: ["store"],
  REDIS_URL: ["redis"],
  OPENAI_API_KEY: ["providers", "openai", "apiKey"],
  OPENAI_BASE_URL: ["providers", "openai", "baseUrl"],
  ANTHROPIC_API_KEY: ["providers", "anthropic", "apiKey"],
  ANTHROPIC_BASE_URL: ["providers", "anthropic", "baseUrl"],
  OPENROUTER_API_KEY: ["providers", "openrouter", "apiKey"],
  OPENROUTER_BASE_URL: ["providers", "openrouter", "baseUrl"],
  OSS_LOCAL_BASE_URL: ["providers", "oss-local", "baseUrl"],
  OSS_LOCAL_API_KEY: ["providers", "oss-local", "apiKey"],
  JWT_SECRET: ["auth", "jwtSecret"],
  ADMIN_USERNAME: ["auth", "adminUsername"],
  ADMIN_PASSWORD: ["auth", "adminPassword"],
  LOG_LEVEL: ["logLevel"],
  DEFAULT_LAYER: ["routing", "defaultLayer"],
  ENABLE_CROSS_CHECK: ["routing", "enableCrossCheck"],
  ENABLE_AUTO_ESCALATE: ["routing", "enableAutoEscalate"],
  MAX_ESCALATION_LAYER: ["routing", "maxEscalationLayer"],
  ENABLE_COST_TRACKING: ["cost", "enableCostTracking"],
  COST_ALERT_THRESHOLD: ["cost", "costAlertThreshold"],
};

/** The providers that variables of their own name. */
export const NAMED_PROVIDERS: readonly string[] = [
  ...new Set(Object.values(DOCUMENTED_VARIABLES).flatMap(([key, name]) => (key === "providers" && name ? [name] : []))),
];

/** `SLUICE_LIMITS_PER_IP_LIMIT` for `limits.perIp.limit`. */
export function variableOf(path: readonly string[]): string {
  const words = path.map((name) => name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").replace(/[^A-Za-z0-9]+/g, "_"));
  return `SLUICE_${words.join("_").toUpperCase()}`;
}

/**
 * Reads every setting the environment holds, in the order in which they count: the more exact key last, and of two
 * variables for one key the `SLUICE_` one, since names such as PORT may be meant for everybody. An empty variable counts as unset.
 * @throws ConfigError for a `SLUICE_` variable that names no key
 */
export function readEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
  keys: readonly ConfigKey[],
): readonly Setting[] {
  const byVariable = variables(keys);
  const found = Object.entries(environment).flatMap(([variable, text]) => {
    if (!text) return [];
    const key = byVariable.get(variable);
    if (key) return [{ variable, text, key }];
    if (!variable.startsWith("SLUICE_")) return [];
    throw new ConfigError(`${variable} in the environment names no configuration key`);
  });
  return found
    .sort((one, other) => one.key.path.length - other.key.path.length || rank(one.variable) - rank(other.variable))
    .map(({ variable, text, key }) => ({
      path: key.path,
      value: coerce(text, key.node),
      origin: `environment ${variable}`,
    }));
}

function variables(keys: readonly ConfigKey[]): ReadonlyMap<string, ConfigKey> {
  const settable = keys.filter(({ path }) => path[0] !== "$schema");
  const byPath = new Map(settable.map((key) => [key.path.join("."), key]));
  const byVariable = new Map(settable.map((key) => [variableOf(key.path), key]));
  for (const [variable, path] of Object.entries(DOCUMENTED_VARIABLES)) {
    const key = byPath.get(path.join("."));
    if (key) byVariable.set(variable, key);
  }
  return byVariable;
}

function rank(variable: string): number {
  return variable.startsWith("SLUICE_") ? 1 : 0;
}
