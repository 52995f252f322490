import { type Clock, delay } from "../../clock.js";
import { isBusy } from "./sqlite-failure.js";

const GIVE_UP_MS = 5_000;
const FIRST_WAIT_MS = 5;
const MAX_WAIT_MS = 100;

/** Runs `work` again while another process holds the database, without blocking the event loop, for five seconds. */
export async function whileBusy<Result>(clock: Clock, work: () => Result): Promise<Result> {
  const deadline = clock.monotonic() + GIVE_UP_MS;
  const never = new AbortController().signal;
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, MAX_WAIT_MS)) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error) || clock.monotonic() >= deadline) throw error;
      // Two processes that wait equally long would meet again.
      await delay(clock, waitMs * (0.5 + clock.random() / 2), never);
    }
  }
}
