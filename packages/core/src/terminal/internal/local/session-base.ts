import { chmodSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

/** Another user's session has to get to its own things in it, and needs to see nothing else. */
const PASS_THROUGH = 0o711;
const NAME = /^sluice-(\d+)-/;

/** Makes the directory that holds those of all sessions of this process, and removes what dead ones have left. */
export function createBase(temporary: string): string {
  for (const name of readdirSync(temporary)) {
    const pid = NAME.exec(name)?.[1];
    const path = join(temporary, name);
    // Another user may leave whatever he likes under such a name, and change it while it is removed.
    if (pid !== undefined && !isAlive(Number(pid)) && isOurs(path)) remove(path);
  }
  const base = mkdtempSync(join(temporary, `sluice-${process.pid}-`));
  chmodSync(base, PASS_THROUGH);
  return base;
}

/**
 * Makes a directory of one session in it. Where the base was removed, as whatever cleans up temporary files may do, it is
 * made again; not where somebody else has taken its name.
 * @param shared - whether another user has to get to what is in it
 */
export function folderIn(base: string, shared: boolean): string {
  if (!exists(base)) {
    mkdirSync(base);
    chmodSync(base, PASS_THROUGH);
  }
  if (!isOurs(base)) throw new Error(`${base} is not the directory that was made there`);
  const path = mkdtempSync(join(base, "s"));
  if (shared) chmodSync(path, PASS_THROUGH);
  return path;
}

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function isOurs(path: string): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats?.isDirectory() === true && stats.uid === process.geteuid?.();
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"; // a system call's error
  }
}

function remove(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // The next gateway may have more luck.
  }
}
