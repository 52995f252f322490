import type { Clock } from "../../../clock.js";
import type { ExecuteResult } from "../../../schemas/terminal-call.js";
import type { LeaveSignal } from "../../../spec/http.js";

/** One command of a conversation, whose output can be read again as long as it is kept. */
export class KeptCommand {
  readonly number: number;
  readonly session: string;
  /** Stops it; does nothing once it has ended. */
  stop: () => void = () => {};
  /** What it has printed so far; replaced where it can be told while it runs. */
  look: () => ExecuteResult | null = () => null;
  #end: ExecuteResult | null = null;
  #waiting = new Set<() => void>();

  constructor(number: number, session: string) {
    this.number = number;
    this.session = session;
  }

  get running(): boolean {
    return this.#end === null;
  }

  /** What it printed, up to now; null before it has started. */
  get result(): ExecuteResult | null {
    return this.#end ?? this.look();
  }

  /** It has ended. */
  ended(result: ExecuteResult): void {
    this.#end = result;
    this.stop = () => {};
    this.look = () => null;
    this.changed();
  }

  /** It has printed something, or ended. */
  changed(): void {
    for (const wake of this.#waiting) wake();
  }

  /** Resolves with the next change, after a while, or when the one who asked has left. */
  change(waitMs: number, clock: Clock, left: LeaveSignal): Promise<void> {
    if (!this.running || waitMs === 0 || left.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        cancel();
        this.#waiting.delete(wake);
        left.removeEventListener("abort", wake);
        resolve();
      };
      const cancel = clock.after(waitMs, wake);
      this.#waiting.add(wake);
      left.addEventListener("abort", wake, { once: true });
    });
  }
}
