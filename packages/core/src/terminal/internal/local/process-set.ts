import { readdirSync, readFileSync } from "node:fs";

/** A process, named so that another one with its number is not taken for it. */
export interface ProcessEntry {
  readonly pid: number;
  /** When it started, clock ticks since the machine did. */
  readonly startedAt: number;
  /** Number of the session it is in (setsid). */
  readonly session: number;
}

/** A moment between process starts. */
export interface Moment {
  /** Clock ticks since the machine started. */
  readonly ticks: number;
  /** The newest process; tells those of one tick apart. */
  readonly lastPid: number;
}

/** What a process of ours carries in its environment, whatever session it is in. */
export const MARK = "SLUICE_TERMINAL_SESSION";

const TICKS_PER_SECOND = 100; // USER_HZ, which is 100 wherever Linux runs Node.js

/** Now, before whatever starts next. */
export function thisMoment(): Moment {
  const [uptime = ""] = readFileSync("/proc/uptime", "latin1").split(" ", 1);
  const lastPid = Number(readFileSync("/proc/loadavg", "latin1").trim().split(" ").at(-1));
  return { ticks: ticksOf(uptime), lastPid };
}

/** Seconds as the system tells them, which is in whole ticks: `4.35` are 435, though their product is a little less. */
export function ticksOf(seconds: string): number {
  return Math.round(Number(seconds) * TICKS_PER_SECOND);
}

/** Whether a process started after a moment. */
export function isAfter({ pid, startedAt }: ProcessEntry, { ticks, lastPid }: Moment): boolean {
  return startedAt > ticks || (startedAt === ticks && pid > lastPid);
}

/** Every living process that is in one of the sessions or carries the mark. */
export function processesOf(sessions: ReadonlySet<number>, mark: string): readonly ProcessEntry[] {
  const found: ProcessEntry[] = [];
  for (const name of readdirSync("/proc")) {
    const first = name.charCodeAt(0);
    if (first < 49 || first > 57) continue; // not 1 to 9: no process
    const entry = entryOf(name);
    if (entry && (sessions.has(entry.session) || carries(name, mark))) found.push(entry);
  }
  return found;
}

/** Signals a process, unless it has ended meanwhile. */
export function signalProcess({ pid, startedAt }: ProcessEntry, signal: NodeJS.Signals): void {
  if (entryOf(String(pid))?.startedAt !== startedAt) return;
  try {
    process.kill(pid, signal);
  } catch {
    // It has just ended, or it has become somebody else's: neither is ours to signal.
  }
}

/** The process group that a terminal's foreground program is in, by the process that leads its session; null without one. */
export function foregroundGroup(leader: number): number | null {
  const fields = statOf(String(leader));
  const [session, group] = [Number(fields?.[3]), Number(fields?.[5])];
  return session === leader && group > 0 ? group : null; // in another session it would be another terminal's
}

/** The fields of /proc/PID/stat from the state on, see proc(5). */
function statOf(pid: string): readonly string[] | null {
  const stat = read(`/proc/${pid}/stat`);
  return stat === null ? null : stat.slice(stat.lastIndexOf(")") + 2).split(" "); // the name before may hold anything
}

/** Null for a process that has ended, also where nobody has fetched its status yet. */
function entryOf(pid: string): ProcessEntry | null {
  const fields = statOf(pid);
  if (fields === null || fields[0] === "Z" || fields[0] === "X") return null;
  return { pid: Number(pid), session: Number(fields[3]), startedAt: Number(fields[19]) };
}

function carries(pid: string, mark: string): boolean {
  const environment = read(`/proc/${pid}/environ`);
  return environment !== null && `\0${environment}`.includes(`\0${MARK}=${mark}\0`);
}

function read(path: string): string | null {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return null; // ended, or another user's
  }
}
