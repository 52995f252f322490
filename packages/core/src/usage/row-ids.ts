import type { Clock } from "../clock.js";
import { base32, firstIdAt } from "../schemas/row-id.js";

const COUNTER_DIGITS = 6;
const COUNTER_SIZE = 32 ** COUNTER_DIGITS;

/**
 * Identifiers in the form of a ULID, which sort by time: 48 bits of it, then what tells this process from others, then
 * a counter.
 */
export function rowIds(clock: Clock): () => string {
  const instance = clock.id("").slice(0, 10).toUpperCase();
  let count = 0;
  let lastMs = -1;
  let time = "";
  return () => {
    const now = clock.now();
    // A wall clock that is set back must not put later rows before earlier ones.
    if (now > lastMs) {
      lastMs = now;
      time = firstIdAt(now);
    }
    count = (count + 1) % COUNTER_SIZE;
    return time + instance + base32(count, COUNTER_DIGITS);
  };
}
