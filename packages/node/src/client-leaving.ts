import type { LeaveSignal } from "@sluice/core";

/** Says that the client left. An AbortController would cost every request more than the rest of the adapter. */
export class ClientLeaving implements LeaveSignal {
  aborted = false;
  readonly #listeners: (() => void)[] = [];

  addEventListener(_type: "abort", listener: () => void): void {
    this.#listeners.push(listener);
  }

  removeEventListener(_type: "abort", listener: () => void): void {
    const at = this.#listeners.indexOf(listener);
    if (at >= 0) this.#listeners.splice(at, 1);
  }

  abort(): void {
    this.aborted = true;
    for (const listener of this.#listeners.slice()) listener();
  }
}
