import type { Clock } from "../../clock.js";
import type { LeaveSignal } from "../../spec/http.js";
import type { OutputLog } from "../output-log.js";

/** How long to wait, and for whom. */
export interface Waiting {
  readonly waitMs: number;
  /** Ends the waiting when whoever waits has left. */
  readonly signal: LeaveSignal | undefined;
  readonly clock: Clock;
}

/** Resolves when the log has something after the cursor, when nothing more will come, or when the time is over. */
export function outputOrSilence(log: OutputLog, cursor: number, { waitMs, signal, clock }: Waiting): Promise<void> {
  const isReady = () => log.end > cursor || log.closed;
  if (waitMs === 0 || isReady() || signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      cancel();
      stopWatching();
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const cancel = clock.after(waitMs, done);
    const stopWatching = log.watch(() => {
      if (isReady()) done();
    });
    signal?.addEventListener("abort", done, { once: true });
  });
}
