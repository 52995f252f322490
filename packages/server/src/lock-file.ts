import { randomUUID } from "node:crypto";
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { describeProcess, holderOf } from "./process-claim.js";

/** A lock this process has until it releases it, or ends however it ends. */
export interface LockFile {
  release(): void;
}

/** A live process has the lock. */
export class LockHeld extends Error {
  override readonly name = "LockHeld";

  constructor(readonly pid: number) {
    super(`held by process ${pid}`);
  }
}

/**
 * Takes the lock that a file stands for. What a process left behind that is gone is taken over; of several that try at
 * once, exactly one succeeds.
 * @throws LockHeld
 */
export function takeLock(file: string): LockFile {
  const claim = `${describeProcess()} ${randomUUID()}`;
  take(file, claim);
  return {
    release() {
      if (read(file) === claim) rmSync(file, { force: true });
    },
  };
}

function take(file: string, claim: string): void {
  while (!publish(file, claim)) {
    const held = read(file);
    if (held === null) continue; // released just now
    const pid = holderOf(held);
    if (pid !== null) throw new LockHeld(pid);
    if (replaceStale(file, held, claim)) return;
  }
}

/** Of several that find a lock stale, only the one that gets a second lock replaces it, and only if it still is the same. */
function replaceStale(file: string, stale: string, claim: string): boolean {
  const takeover = `${file}.takeover`;
  take(takeover, claim);
  try {
    if (read(file) !== stale) return false;
    withContent(file, claim, (complete) => renameSync(complete, file));
    return true;
  } finally {
    rmSync(takeover, { force: true });
  }
}

/** Makes the file where there is none; linking makes name and content appear at once. */
function publish(file: string, claim: string): boolean {
  try {
    withContent(file, claim, (complete) => linkSync(complete, file));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function withContent(file: string, content: string, use: (path: string) => void): void {
  const path = `${file}.${randomUUID()}`;
  writeFileSync(path, content, { flag: "wx", mode: 0o600 });
  try {
    use(path);
  } finally {
    rmSync(path, { force: true });
  }
}

function read(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
