import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

/** A data directory that is this process's own until it is released. */
export interface DataDir {
  /** Absolute path. */
  readonly path: string;
  release(): void;
}

/** Another live process holds the directory. */
export class DataDirInUse extends Error {
  override readonly name = "DataDirInUse";
  constructor(path: string, pid: number) {
    super(`the data directory ${path} is in use by process ${pid}; stop it, or give this one another --data-dir`);
  }
}

/**
 * Makes the directory and takes its lock. The lock of a process that is gone, however it went, is taken over.
 * @throws DataDirInUse
 */
export function openDataDir(directory: string): DataDir {
  const path = resolve(directory);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const lock = join(path, "lock");
  const own = join(path, `lock.${process.pid}`);
  const claim = claimOf(process.pid);
  writeFileSync(own, claim, { mode: 0o600 });
  try {
    take(lock, own, path);
  } finally {
    rmSync(own, { force: true });
  }
  return {
    path,
    release() {
      if (read(lock) === claim) rmSync(lock, { force: true });
    },
  };
}

/** Linking fails where the name exists, so of two processes that try at once one wins. */
function take(lock: string, own: string, path: string): void {
  for (;;) {
    try {
      linkSync(own, lock);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const held = read(lock);
    if (held === null) continue; // released just now
    const pid = holder(held);
    if (pid !== null) throw new DataDirInUse(path, pid);
    const stale = `${own}.stale`;
    try {
      renameSync(lock, stale);
    } catch {
      continue; // somebody else took it over first
    }
    // Between reading and renaming, another process may have taken over: then this is its lock, and goes back.
    if (read(stale) !== held) linkSync(stale, lock);
    rmSync(stale, { force: true });
  }
}

/** The pid of the live process a claim stands for; null for one that is gone. */
function holder(claim: string): number | null {
  const pid = Number(claim.split(" ")[0]);
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return null;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return null;
  }
  return claimOf(pid) === claim ? pid : null; // a recycled pid has started at another time
}

function claimOf(pid: number): string {
  return `${pid} ${startTime(pid)}`;
}

/** Field 22 of /proc/PID/stat (proc(5)), counted behind the command, which may hold anything; empty elsewhere. */
function startTime(pid: number): string {
  const stat = read(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
}

function read(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}
