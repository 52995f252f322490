import { GatewayError, isGatewayError } from "../../errors.js";
import { isForeignMigration } from "./migrate.js";

/** By SQLSTATE (PostgreSQL documentation, appendix A), else by its class. */
const SQL_STATES: Readonly<Record<string, string>> = {
  "28000": "refused the user",
  "28P01": "refused the user or the password",
  "3D000": "has no such database",
  "3F000": "has no schema to keep tables in",
  "42501": "does not give this user the rights it needs",
  "25006": "takes no writes: it is read-only, as a standby is",
  "53100": "cannot grow: its disk is full",
  "53300": "has no connection left",
  "57014": "took too long",
  "57P01": "is shutting down",
  "57P02": "is shutting down",
  "57P03": "is starting up",
  "08": "cannot be reached",
  "40": "was kept by other writers",
};

const SYSTEM_CODES: Readonly<Record<string, string>> = {
  ECONNREFUSED: "cannot be reached: the connection was refused",
  ECONNRESET: "broke the connection off",
  EPIPE: "broke the connection off",
  ETIMEDOUT: "cannot be reached: no answer in time",
  EHOSTUNREACH: "cannot be reached: there is no way to its host",
  ENETUNREACH: "cannot be reached: there is no way to its host",
  ENOTFOUND: "cannot be reached: its host name does not resolve",
  EAI_AGAIN: "cannot be reached: its host name does not resolve",
  ENOENT: "cannot be reached: its socket does not exist",
  DEPTH_ZERO_SELF_SIGNED_CERT: "has a certificate that is not trusted",
  SELF_SIGNED_CERT_IN_CHAIN: "has a certificate that is not trusted",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "has a certificate that is not trusted",
  ERR_TLS_CERT_ALTNAME_INVALID: "has the certificate of another host",
};

/** What the driver says without a code. */
const MESSAGES: readonly (readonly [RegExp, string])[] = [
  [/timeout/i, "did not answer in time"],
  [/^Connection terminated|not queryable/, "broke the connection off"],
  [/password must be a string/, "asks for a password, and none was given"],
  [/does not support SSL/, "does not speak TLS"],
];

const RETRY_AFTER_MS = 1_000;

/**
 * The error a caller sees when Postgres failed. The driver's own text, which may quote values, is its cause alone.
 * @param subject what failed: with its place while it is opened, without it later
 */
export function postgresFailure(subject: string, cause: unknown): GatewayError {
  if (isGatewayError(cause)) return cause;
  return new GatewayError("store_unavailable", {
    details: `${subject} ${reason(cause)}`,
    retryAfterMs: RETRY_AFTER_MS,
    cause,
  });
}

function reason(cause: unknown): string {
  if (!(cause instanceof Error)) return "failed";
  if (isForeignMigration(cause)) return "was written by another version of this software";
  const code = "code" in cause ? String(cause.code) : firstCode(cause);
  const known =
    SQL_STATES[code] ?? SYSTEM_CODES[code] ?? ("severity" in cause ? SQL_STATES[code.slice(0, 2)] : undefined);
  return known ?? MESSAGES.find(([pattern]) => pattern.test(cause.message))?.[1] ?? "failed";
}

/** A host with several addresses fails with one error for each. */
function firstCode(cause: Error): string {
  const [first] = cause instanceof AggregateError ? cause.errors : [];
  return first instanceof Error && "code" in first ? String(first.code) : "";
}
