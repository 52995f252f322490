import type { Clock } from "../../../clock.js";
import { type ProcessEntry, signalProcess } from "./process-set.js";

const LOOK_AGAIN_MS = 20;
/** A process that survives SIGKILL for so long hangs in the kernel. */
const GIVE_UP_MS = 3_000;

/**
 * Ends processes: asks them, gives them `graceMs` milliseconds, then kills until none is left. `find` is asked each time,
 * since they may start others meanwhile.
 */
export async function stopProcesses(
  find: () => readonly ProcessEntry[],
  { clock, graceMs, ask = "SIGTERM" }: { clock: Clock; graceMs: number; ask?: NodeJS.Signals },
): Promise<void> {
  const asked = new Set<string>();
  const startedAt = clock.monotonic();
  for (let left = find(); left.length > 0; left = find()) {
    const waited = clock.monotonic() - startedAt;
    if (waited > graceMs + GIVE_UP_MS) return;
    for (const each of left) {
      const name = `${each.pid}@${each.startedAt}`;
      if (waited >= graceMs) signalProcess(each, "SIGKILL");
      else if (!asked.has(name)) signalProcess(each, ask);
      asked.add(name);
    }
    await new Promise<void>((resolve) => void clock.after(LOOK_AGAIN_MS, resolve));
  }
}
