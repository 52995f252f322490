import type { Logger } from "@sluice/core";
import { pino } from "pino";
import type { ServerConfig } from "./config/schema.js";

/** The only fields that are ever logged: what is not named here cannot leak. */
const FIELDS = ["requestId", "code", "details", "provider", "model", "event", "signal"] as const;

/** Logs JSON lines to standard error. */
export function createLogger(level: ServerConfig["logLevel"]): Logger {
  const options = { level, base: null, formatters: { log: allowed } };
  return pino(options, pino.destination({ dest: 2, sync: true }));
}

function allowed(fields: Record<string, unknown>): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const name of FIELDS) if (fields[name] !== undefined) kept[name] = fields[name];
  const { err } = fields;
  if (err instanceof Error) kept.err = { type: err.name, message: err.message, at: firstFrame(err) };
  return kept;
}

/** Where an error was thrown; the rest of a stack is noise in a log. */
function firstFrame({ stack }: Error): string | undefined {
  return stack
    ?.split("\n")
    .find((line) => line.trimStart().startsWith("at "))
    ?.trim();
}
