import type { Clock } from "../../../clock.js";
import { GatewayError } from "../../../errors.js";

const WINDOW_MS = 60_000;
const MAX_FAILURES = 10;

/** How many connections of one caller may fail per minute: whoever tries ports one by one soon has to wait. */
export class FailureBudget {
  readonly #clock: Clock;
  readonly #failures = new Map<string, number[]>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @throws GatewayError `rate_limit_exceeded` */
  assertLeft(owner: string): void {
    const recent = this.#recent(owner);
    const [oldest] = recent;
    if (oldest === undefined || recent.length < MAX_FAILURES) return;
    throw new GatewayError("rate_limit_exceeded", {
      details: `${MAX_FAILURES} connections failed within a minute`,
      retryAfterMs: oldest + WINDOW_MS - this.#clock.monotonic(),
    });
  }

  /** Counts a failed connection. */
  spend(owner: string): void {
    for (const other of this.#failures.keys()) this.#recent(other); // whoever came once is not kept for ever
    this.#failures.set(owner, [...this.#recent(owner), this.#clock.monotonic()]);
  }

  #recent(owner: string): number[] {
    const since = this.#clock.monotonic() - WINDOW_MS;
    const recent = (this.#failures.get(owner) ?? []).filter((at) => at > since);
    if (recent.length === 0) this.#failures.delete(owner);
    return recent;
  }
}
