import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { type LockFile, LockHeld, takeLock } from "./lock-file.js";

/** A data directory that is this process's own until it is released. */
export interface DataDir {
  /** Absolute path. */
  readonly path: string;
  release(): void;
}

/** A live process holds the directory already. */
export class DataDirInUse extends Error {
  override readonly name = "DataDirInUse";

  constructor(path: string, pid: number) {
    const holder = pid === process.pid ? "this very process" : `process ${pid}`;
    super(`the data directory ${path} is in use by ${holder}; stop it, or give this one another --data-dir`);
  }
}

/**
 * Makes the directory, for this user alone, and takes its lock.
 * @throws DataDirInUse
 */
export function openDataDir(directory: string): DataDir {
  const path = resolve(directory);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const lock = lockOf(path);
  return { path, release: () => lock.release() };
}

function lockOf(path: string): LockFile {
  try {
    return takeLock(join(path, "lock"));
  } catch (error) {
    throw error instanceof LockHeld ? new DataDirInUse(path, error.pid) : error;
  }
}
