import { chmodSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

/** Another user's session has to get to its own directory in it, and needs to see nothing else. */
const PASS_THROUGH = 0o711;
const NAME = /^sluice-(\d+)-/;

/** Makes the directory that holds those of all sessions of this process, and removes what dead ones have left. */
export function createBase(temporary: string): string {
  for (const name of readdirSync(temporary)) {
    const pid = NAME.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) remove(join(temporary, name));
  }
  const base = mkdtempSync(join(temporary, `sluice-${process.pid}-`));
  chmodSync(base, PASS_THROUGH);
  return base;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"; // a system call's error
  }
}

/** Another user's directory stays where it is. */
function remove(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // not ours
  }
}
