import { monotonicMs } from "../process/clock.mjs";
import { cpuSeconds } from "../process/cpu-time.mjs";
import { turn } from "./turn.mjs";

const LOOK_EVERY_MS = 20;
/** A target that gets less of its core than this share is not waited for. */
const LEAST_SHARE = 0.2;

/**
 * Measures what gets done while a process uses a given amount of CPU. Not in a given time: on a machine that does other
 * things too, a window could otherwise hold almost nothing.
 */
export async function cpuWindow({ pid, settleMs, windowMs }, countDone) {
  await awake(settleMs);
  const doneBefore = countDone();
  const startedAt = monotonicMs();
  const cpuBefore = cpuSeconds(pid);
  const used = () => cpuSeconds(pid) - cpuBefore;
  const passedMs = () => monotonicMs() - startedAt;
  while (used() * 1e3 < windowMs && passedMs() < windowMs / LEAST_SHARE) await awake(LOOK_EVERY_MS);
  return { done: countDone() - doneBefore, cpuSeconds: used(), seconds: passedMs() / 1e3 };
}

/**
 * Lets time pass without a moment's sleep. To wake a process that sleeps is the work of whoever writes to it, and a slower
 * target finds this one asleep more often: that would be counted as the target's own.
 */
async function awake(ms) {
  const end = monotonicMs() + ms;
  while (monotonicMs() < end) await turn();
}
