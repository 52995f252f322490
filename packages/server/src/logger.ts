import type { Logger } from "@sluice/core";
import { pino } from "pino";
import type { ServerConfig } from "./config/schema.js";
import { MASK } from "./secrets.js";

/** The only fields that are ever logged: what is not named here cannot leak. */
const FIELDS = ["requestId", "code", "details", "provider", "model", "event", "signal"] as const;
/** The shapes of credentials, wherever they come from. */
const CREDENTIAL = /\b(?:sk-|slc_|Bearer\s+|eyJ[\w-]+\.)[\w.~+/=-]{8,}/g;

/**
 * Logs JSON lines to standard error.
 * @param secrets - texts that are masked wherever they turn up, as the last resort
 */
export function createLogger(level: ServerConfig["logLevel"], secrets: readonly string[] = []): Logger {
  const masked = (text: string): string =>
    secrets.reduce((rest, secret) => rest.replaceAll(secret, MASK), text).replace(CREDENTIAL, MASK);
  const options = {
    level,
    base: null,
    formatters: { log: (fields: object) => allowed(fields, masked) },
    serializers: { err: (error: unknown) => error }, // is plain by then; pino's own would rename its type
  };
  return pino(options, pino.destination({ dest: 2, sync: true }));
}

function allowed(fields: object, masked: (text: string) => string): Record<string, unknown> {
  const given: Readonly<Record<string, unknown>> = { ...fields };
  const kept: Record<string, unknown> = {};
  for (const name of FIELDS) {
    const value = given[name];
    if (value !== undefined) kept[name] = typeof value === "string" ? masked(value) : value;
  }
  const { err } = given;
  if (err instanceof Error) kept.err = { type: err.name, message: masked(err.message), at: firstFrame(err) };
  return kept;
}

/** Where an error was thrown; the rest of a stack is noise in a log. */
function firstFrame({ stack }: Error): string | undefined {
  return stack
    ?.split("\n")
    .find((line) => line.trimStart().startsWith("at "))
    ?.trim();
}
