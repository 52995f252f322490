import type { Clock } from "../../../clock.js";

const PER_SECOND = 100;
const PER_CONNECTION = 1_000;

/** How often one connection may be answered: a login takes about twenty negotiations, a flood any number. */
export function answerBudget(clock: Clock): () => boolean {
  let total = 0;
  let inWindow = 0;
  let windowAt = clock.monotonic();
  return () => {
    const now = clock.monotonic();
    if (now - windowAt >= 1_000) {
      windowAt = now;
      inWindow = 0;
    }
    return ++inWindow <= PER_SECOND && ++total <= PER_CONNECTION;
  };
}
