import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
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

/** A small process that outlives the gateway by a moment, so that no terminal outlives it for long. */
export class Guardian {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /**
   * @param folder - what to remove at the end
   * @param mark - the part of their marks that all processes of this gateway share
   */
  static async start(folder: string, mark: string): Promise<Guardian> {
    const child = spawn("/bin/sh", ["-c", SCRIPT, "sluice-terminals", folder, mark], {
      detached: true, // an interrupt at the keyboard is not for it
      env: { PATH: "/usr/bin:/bin" },
      cwd: "/",
      stdio: ["pipe", "ignore", "ignore"],
    });
    await once(child, "spawn");
    child.unref();
    // A child's pipe would keep the process alive; the types do not know that it is a socket.
    if (child.stdin && "unref" in child.stdin && typeof child.stdin.unref === "function") child.stdin.unref();
    return new Guardian(child);
  }

  /** Lets it go; resolves when it has cleaned up. */
  async close(): Promise<void> {
    const gone = this.#child.exitCode !== null || this.#child.signalCode !== null;
    this.#child.stdin?.destroy();
    if (!gone) await once(this.#child, "exit");
  }
}
