import { setTimeout as sleep } from "node:timers/promises";
import { monotonicMs } from "../process/clock.mjs";
import { turn } from "./turn.mjs";

/** Timers wake up to a millisecond late; from here on we look at the clock in every turn. */
const SPIN_MS = 1.5;

/**
 * Open loop: calls `start(scheduledAt)` at a fixed rate, however long the answers take. What is measured from
 * `scheduledAt` includes the waiting that a slow target causes.
 */
export async function atRate({ perSecond, durationMs }, start) {
  const startsAt = monotonicMs();
  const count = Math.floor((durationMs / 1e3) * perSecond);
  for (let index = 0; index < count; index++) {
    const scheduledAt = startsAt + (index * 1e3) / perSecond;
    await until(scheduledAt);
    start(scheduledAt);
  }
}

async function until(moment) {
  const left = moment - monotonicMs();
  if (left > SPIN_MS) await sleep(left - SPIN_MS);
  while (monotonicMs() < moment) await turn();
}
