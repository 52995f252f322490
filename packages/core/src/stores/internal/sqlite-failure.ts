import { GatewayError, isGatewayError } from "../../errors.js";
import { isForeignMigration } from "./migrate.js";

const BUSY = 5;
const LOCKED = 6;

const REASONS: Readonly<Record<number, string>> = {
  [BUSY]: "is locked by another process",
  [LOCKED]: "is locked by another process",
  8: "cannot be written",
  10: "cannot be read or written",
  11: "is damaged",
  13: "cannot grow: the disk is full",
  14: "cannot be opened",
  26: "is not a SQLite database",
};

const FILE_REASONS: Readonly<Record<string, string>> = {
  EACCES: "cannot be opened: permission denied",
  EPERM: "cannot be opened: permission denied",
  EROFS: "cannot be opened: the file system is read-only",
  ENOENT: "cannot be created: its directory does not exist",
  ENOTDIR: "cannot be created: its directory does not exist",
  EISDIR: "cannot be opened: it is a directory",
  ENOSPC: "cannot be created: the disk is full",
};

/** SQLite's primary result code, where the driver's error carries one. */
function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return undefined;
  return error.errcode & 0xff; // the upper bytes refine it
}

/** Whether another process holds the lock, so that trying again helps. */
export function isBusy(error: unknown): boolean {
  const code = resultCode(error);
  return code === BUSY || code === LOCKED;
}

/**
 * The error a caller sees when SQLite failed.
 * @param subject what failed: the file's path while it is opened, a name without a path later
 */
export function sqliteFailure(subject: string, cause: unknown): GatewayError {
  if (isGatewayError(cause)) return cause;
  return new GatewayError("store_unavailable", {
    details: `${subject} ${reason(cause)}`,
    retryAfterMs: isBusy(cause) ? 1_000 : undefined,
    cause,
  });
}

function reason(cause: unknown): string {
  const code = resultCode(cause);
  if (code !== undefined) return REASONS[code] ?? "failed";
  if (cause instanceof Error && "code" in cause) return FILE_REASONS[String(cause.code)] ?? "failed";
  return isForeignMigration(cause) ? "was written by another version of this software" : "failed";
}
