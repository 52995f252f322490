import type { Clock } from "../clock.js";
import type { GatewayError } from "../errors.js";
import type { RecordAudit } from "../spec/audit.js";
import type { Actor } from "../spec/call.js";

const WINDOW_MS = 60_000;
const ROWS_PER_WINDOW = 60;

/**
 * Books refused requests, so many a minute: whoever sends nothing else must not fill the log. How many were passed over
 * stands in the next row.
 */
export function refusalRecorder(record: RecordAudit, clock: Clock) {
  let startedAt = Number.NEGATIVE_INFINITY;
  let rows = 0;
  let passedOver = 0;

  return ({ code, details }: GatewayError, target: string, actor: Actor): void => {
    const now = clock.monotonic();
    if (now - startedAt >= WINDOW_MS) {
      startedAt = now;
      rows = 0;
    }
    if (rows >= ROWS_PER_WINDOW) {
      passedOver++;
      return;
    }
    rows++;
    const reason = { code, ...(details === undefined ? {} : { reason: details.slice(0, 500) }) };
    const more = passedOver > 0 ? { passedOver } : {};
    passedOver = 0;
    record({ action: "request", target, outcome: "refused", details: { ...reason, ...more } }, actor);
  };
}
