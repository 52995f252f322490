import type { RunAs } from "./run-as.js";

/** What one session may use of the machine, as far as the system bounds it: setrlimit(2). null: no limit. */
export interface SessionLimits {
  /** Processes and threads of the session's user at once, over everything that this user runs. */
  readonly processes: number | null;
  /** Processor time of each process. */
  readonly cpuSeconds: number | null;
  /** Address space of each process. */
  readonly memoryMb: number | null;
}

/** Some of the limits. */
export type GivenLimits = { readonly [Name in keyof SessionLimits]?: SessionLimits[Name] | undefined };

/** Where a program of a session starts, and what it may use. */
export interface Launch {
  readonly cwd: string;
  /** Where it starts when its user cannot go there. @defaultValue nowhere: it ends with {@link NO_SUCH_PLACE} */
  readonly otherwise?: string;
  readonly limits: SessionLimits;
}

/** The status of a launch into a directory that its user cannot go to. */
export const NO_SUCH_PLACE = 72;

const DEDICATED_USER_PROCESSES = 1_024;

/**
 * Goes to the directory and sets limits as the user that the program runs as: the gateway itself may be allowed to go where
 * that user may not. `cd -P` and `unset`: the program finds the variables that it would have found without this. A limit
 * that cannot be set is already lower. dash says -p where others say -u. A core file would hold what the program knew.
 */
const SCRIPT = [
  `cd -P -- "$1" 2>/dev/null || cd -P -- "$2" 2>/dev/null || exit ${NO_SUCH_PLACE}`,
  "unset OLDPWD",
  "ulimit -c 0",
  '[ -z "$3" ] || ulimit -u "$3" 2>/dev/null || ulimit -p "$3" 2>/dev/null',
  '[ -z "$4" ] || ulimit -t "$4" 2>/dev/null',
  '[ -z "$5" ] || ulimit -v "$5" 2>/dev/null',
  'shift 5; exec "$@"',
].join("; ");

/** The program to start, in `/`, that becomes the given one. */
export function launching(
  { cwd, otherwise = cwd, limits }: Launch,
  [program, args]: readonly [program: string, args: readonly string[]],
): readonly [program: string, args: string[]] {
  const { processes, cpuSeconds, memoryMb } = limits;
  const words = [processes, cpuSeconds, memoryMb === null ? null : memoryMb * 1024].map((limit) => String(limit ?? ""));
  return ["/bin/sh", ["-c", SCRIPT, "sh", cwd, otherwise, ...words, program, ...args]];
}

/**
 * The limits with their defaults. Processes are counted by user and not by session: only a user that runs nothing but
 * terminals has a number that means something. With the gateway's own, the gateway and all else it runs would count.
 */
export function sessionLimits(given: GivenLimits, runAs: RunAs | undefined): SessionLimits {
  const isDedicated = runAs !== undefined && runAs.uid !== process.getuid?.();
  const { processes = isDedicated ? DEDICATED_USER_PROCESSES : null, cpuSeconds = null, memoryMb = null } = given;
  return { processes, cpuSeconds, memoryMb };
}
