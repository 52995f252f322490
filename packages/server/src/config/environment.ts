import { ConfigError } from "./config-error.js";
import { type ConfigKey, configKeys, type SchemaNode, typesOf } from "./json-schema.js";

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

/** A value and the key it is for. */
export interface Setting {
  readonly path: readonly string[];
  readonly value: unknown;
  /** Where it comes from, in words. */
  readonly origin: string;
}

/** `SLUICE_LIMITS_PER_IP_LIMIT` for `limits.perIp.limit`. */
export function variableOf(path: readonly string[]): string {
  const words = path.map((name) => name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").replace(/[^A-Za-z0-9]+/g, "_"));
  return `SLUICE_${words.join("_").toUpperCase()}`;
}

/**
 * Reads every setting the environment holds. An empty variable counts as unset.
 * @throws ConfigError for a `SLUICE_` variable that names no key
 */
export function readEnvironment(environment: Readonly<Record<string, string | undefined>>): readonly Setting[] {
  const keys = configKeys().filter(({ path }) => path[0] !== "$schema");
  const byPath = new Map(keys.map((key) => [key.path.join("."), key]));
  const byVariable = new Map<string, ConfigKey>(keys.map((key) => [variableOf(key.path), key]));
  for (const [variable, path] of Object.entries(DOCUMENTED_VARIABLES)) {
    byVariable.set(variable, byPath.get(path.join(".")) ?? { path, node: { type: "string" } });
  }
  const settings: Setting[] = [];
  for (const [variable, text] of Object.entries(environment)) {
    if (!text) continue;
    const key = byVariable.get(variable);
    if (key) settings.push({ path: key.path, value: coerce(text, key.node), origin: `environment ${variable}` });
    else if (variable.startsWith("SLUICE_"))
      throw new ConfigError(`${variable} in the environment names no configuration key`);
  }
  return settings;
}

/** Text as the type its key wants; what fits no type stays text, which the schema then refuses by name. */
export function coerce(text: string, node: SchemaNode): unknown {
  const types = typesOf(node);
  if (types.has("null") && text === "null") return null;
  if (types.has("boolean") && /^(?:true|false|1|0)$/.test(text)) {
    if (!types.has("integer") || text.length > 1) return text === "true" || text === "1";
  }
  if ((types.has("number") || types.has("integer")) && text.trim() !== "" && Number.isFinite(Number(text)))
    return Number(text);
  if ((types.has("array") || types.has("object")) && /^\s*[[{]/.test(text)) return parseJson(text);
  if (types.has("array") && !types.has("string")) return text.split(",").map((part) => part.trim());
  return text;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
