import { GatewayError } from "../errors.js";

/** Who would have to wait behind more than this is better off elsewhere, or later. */
const MAX_WAITING = 128;

/** Limits how many upstream calls run at once; the rest wait in the order they came. */
export class Slots {
  readonly #limit: number;
  #taken = 0;
  readonly #waiting = new Set<() => void>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * Resolves when a slot is taken; whoever takes one must {@link release} it.
   * @throws GatewayError `server_overloaded` when too many wait; rejects with the signal's reason when it aborts.
   */
  async take(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#taken < this.#limit) {
      this.#taken++;
      return;
    }
    if (this.#waiting.size >= MAX_WAITING) {
      throw new GatewayError("server_overloaded", {
        details: "too many calls wait for this provider",
        retryAfterMs: 1_000,
      });
    }
    await new Promise<void>((resolve, reject) => {
      const enter = () => {
        signal.removeEventListener("abort", leave);
        resolve();
      };
      const leave = () => {
        this.#waiting.delete(enter);
        reject(signal.reason);
      };
      this.#waiting.add(enter);
      signal.addEventListener("abort", leave, { once: true });
    });
  }

  release(): void {
    const [next] = this.#waiting;
    if (!next) {
      this.#taken--;
      return;
    }
    this.#waiting.delete(next); // the slot changes hands
    next();
  }
}
