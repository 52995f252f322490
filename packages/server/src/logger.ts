import { type Logger, MASK } from "@sluice/core";
import { type DestinationStream, pino } from "pino";
import type { ServerConfig } from "./config/schema.js";
import { secretsOf } from "./secrets.js";

/** The only fields that are ever logged: what is not named here cannot leak. */
const FIELDS = ["requestId", "code", "details", "provider", "model", "event", "signal"] as const;
/** The shapes of credentials, wherever they come from. */
const CREDENTIAL = /\b(?:sk-|slc_|Bearer\s+|eyJ[\w-]+\.)[\w.~+/=-]{8,}/g;

/** A logger of the server. */
export interface ServerLogger extends Logger {
  /** Logs at the level of a configuration from now on, and hides its secrets too. */
  follow(config: ServerConfig): void;
}

/** What older configurations kept secret is hidden for as long as there are not too many of them. */
const MAX_HIDDEN = 1_000;

/** What may be set apart from the configuration. */
export interface LoggerOptions {
  /** The least important lines to log. @defaultValue the configured level */
  readonly levelOf?: (config: ServerConfig) => ServerConfig["logLevel"];
  /** Where lines go. @defaultValue standard error, each before the call returns */
  readonly destination?: DestinationStream;
}

/** Logs JSON lines. The secrets of the configuration are masked wherever they turn up, as the last resort. */
export function createLogger(config: ServerConfig, options: LoggerOptions = {}): ServerLogger {
  const { levelOf = ({ logLevel }) => logLevel, destination = pino.destination({ dest: 2, sync: true }) } = options;
  let secrets = secretsOf(config);
  const masked = (text: string): string =>
    secrets.reduce((rest, secret) => rest.replaceAll(secret, MASK), text).replace(CREDENTIAL, MASK);
  const settings = {
    level: levelOf(config),
    base: null,
    formatters: { log: (fields: object) => allowed(fields, masked) },
    serializers: { err: (error: unknown) => error }, // is plain by then; pino's own would rename its type
  };
  const logger = pino(settings, destination);
  return {
    debug: (fields, message) => logger.debug(fields, masked(message)),
    info: (fields, message) => logger.info(fields, masked(message)),
    warn: (fields, message) => logger.warn(fields, masked(message)),
    error: (fields, message) => logger.error(fields, masked(message)),
    follow(next) {
      secrets = [...new Set([...secretsOf(next), ...secrets])].slice(0, MAX_HIDDEN);
      logger.level = levelOf(next);
    },
  };
}

function allowed(fields: object, masked: (text: string) => string): Record<string, unknown> {
  const given: Readonly<Record<string, unknown>> = { ...fields };
  const kept: Record<string, unknown> = {};
  for (const name of FIELDS) {
    const value = given[name];
    if (typeof value === "string") kept[name] = masked(value);
    else if (typeof value === "number" || typeof value === "boolean") kept[name] = value;
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
