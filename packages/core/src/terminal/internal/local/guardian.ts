import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Clock } from "../../../clock.js";
import { MARK } from "./process-set.js";

/**
 * Waits for its input to end, which happens when the gateway does, however it dies. Then it kills, as often as there is
 * something to kill, what carries the gateway's mark or shares a session with what does, and removes the directory.
 */
const SCRIPT = `
trap '' HUP INT TERM
while read -r line; do :; done
round=0
while [ $round -lt 50 ]; do
  round=$((round + 1))
  sessions=' '
  for file in $(grep -lzs "^${MARK}=$2\\." /proc/[0-9]*/environ); do
    stat=$(cat "\${file%environ}stat" 2>/dev/null) || continue
    set -- "$1" "$2" \${stat##*) }
    [ "$3" = Z ] && continue
    sessions="$sessions$6 "
    pid=\${file#/proc/}
    kill -KILL "\${pid%/environ}" 2>/dev/null
  done
  [ "$sessions" = ' ' ] && break
  for file in /proc/[0-9]*/stat; do
    stat=$(cat "$file" 2>/dev/null) || continue
    set -- "$1" "$2" \${stat##*) }
    pid=\${file#/proc/}
    case "$sessions" in *" $6 "*) kill -KILL "\${pid%/stat}" 2>/dev/null ;; esac
  done
done
rm -rf -- "$1"
`;

/** How long it may take to clean up. */
const CLEAN_UP_MS = 5_000;
/** Whoever kills it each time means it. */
const MAX_STARTS = 20;

/** A small process that outlives the gateway by a moment, so that no terminal outlives it for long. */
export class Guardian {
  readonly #folder: string;
  readonly #mark: string;
  readonly #clock: Clock;
  #child: ChildProcess;
  #starts = 1;
  #closing = false;

  private constructor(folder: string, mark: string, clock: Clock, child: ChildProcess) {
    this.#folder = folder;
    this.#mark = mark;
    this.#clock = clock;
    this.#child = child;
    this.#watch();
  }

  /**
   * @param folder - what to remove at the end
   * @param mark - the part of their marks that all processes of this gateway share
   */
  static async start(folder: string, mark: string, clock: Clock): Promise<Guardian> {
    const child = begin(folder, mark);
    await once(child, "spawn");
    return new Guardian(folder, mark, clock, child);
  }

  /** Lets it go; resolves when it has cleaned up, or is too slow about it. */
  async close(): Promise<void> {
    this.#closing = true;
    const child = this.#child;
    const gone = child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
    child.stdin?.destroy();
    if (gone) return;
    const cancel = this.#clock.after(CLEAN_UP_MS, () => child.kill("SIGKILL"));
    await once(child, "exit");
    cancel();
  }

  /** Starts another one where it ends too early: a terminal of the gateway's own user can kill it. */
  #watch(): void {
    const child = this.#child;
    child.on("error", () => {}); // it could not be started again, or not be signalled
    child.once("exit", () => {
      if (this.#closing || this.#starts === MAX_STARTS) return;
      this.#starts++;
      this.#child = begin(this.#folder, this.#mark);
      this.#watch();
    });
  }
}

function begin(folder: string, mark: string): ChildProcess {
  const child = spawn("/bin/sh", ["-c", SCRIPT, "sluice-terminals", folder, mark], {
    detached: true, // an interrupt at the keyboard is not for it
    env: { PATH: "/usr/bin:/bin" },
    cwd: "/",
    stdio: ["pipe", "ignore", "ignore"],
  });
  child.unref();
  const { stdin } = child;
  stdin?.on("error", () => {}); // it has ended
  // A child's pipe would keep the process alive; the types do not know that it is a socket.
  if (stdin && "unref" in stdin && typeof stdin.unref === "function") stdin.unref();
  return child;
}
