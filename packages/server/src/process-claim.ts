import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";

/** Tells this process from an earlier one with its pid: in a container that is started again, pids repeat. */
const INSTANCE = randomUUID();
const UNKNOWN = "-";
const MAX_PID = 2 ** 31 - 1;

/** This process, in words without spaces: pid, start, instance. */
export function describeProcess(): string {
  return `${process.pid} ${startOf(process.pid)} ${INSTANCE}`;
}

/** The pid of the live process that wrote a claim; null for one that is gone. */
export function holderOf(claim: string): number | null {
  const [pidText, start, instance] = claim.split(" ");
  const pid = Number(pidText);
  if (!Number.isInteger(pid) || pid <= 0 || pid > MAX_PID) return null;
  if (pid === process.pid) return instance === INSTANCE ? pid : null;
  if (!isAlive(pid)) return null;
  const found = startOf(pid);
  // Where the start cannot be known, a pid that lives is taken for the same process.
  return start === UNKNOWN || found === UNKNOWN || found === start ? pid : null;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH"; // another user's process is alive too
  }
}

/** When a process started, in ticks of one boot (proc(5): field 22 of `stat`, counted behind the command, which may hold anything). */
function startOf(pid: number): string {
  const stat = read(`/proc/${pid}/stat`);
  const ticks = stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  const boot = read("/proc/sys/kernel/random/boot_id")?.trim();
  return ticks && boot ? `${boot}/${ticks}` : UNKNOWN;
}

function read(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null; // not Linux, or hidden from this user
  }
}
