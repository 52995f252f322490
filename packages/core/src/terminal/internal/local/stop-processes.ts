import type { Clock } from "../../../clock.js";
import { type ProcessEntry, signalProcess } from "./process-set.js";

const LOOK_AGAIN_MS = 20;
/** Each look finds what was started during the one before. */
const MAX_LOOKS = 10;
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
      const name = nameOf(each);
      if (waited < graceMs && !asked.has(name)) signalProcess(each, ask);
      asked.add(name);
    }
    if (waited >= graceMs) kill(find);
    await new Promise<void>((resolve) => void clock.after(LOOK_AGAIN_MS, resolve));
  }
}

/** Halts them first: what is halted starts nothing, so that those that start others without end run out. */
function kill(find: () => readonly ProcessEntry[]): void {
  const halted = new Set<string>();
  for (let look = 0; look < MAX_LOOKS; look++) {
    const others = find().filter((each) => !halted.has(nameOf(each)));
    if (others.length === 0) break;
    for (const each of others) {
      signalProcess(each, "SIGSTOP");
      halted.add(nameOf(each));
    }
  }
  for (const each of find()) signalProcess(each, "SIGKILL");
}

function nameOf({ pid, startedAt }: ProcessEntry): string {
  return `${pid}@${startedAt}`;
}
