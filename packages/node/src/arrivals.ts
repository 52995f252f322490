import type { Server } from "node:http";
import { setImmediate } from "node:timers/promises";

/** A look that takes longer has let somebody in who is not seen yet. */
const SHORT_MS = 0.5;
/** Under more connections than can be taken there is never a pause. */
const MAX_WAIT_MS = 2_000;

/**
 * Watches connections come in. Node.js takes one in each turn of its event loop, and those that wait with the system are
 * reset with the listener, with whatever their clients have sent by then: the moment to stop listening is one in which
 * none waits.
 */
export class Arrivals {
  #count = 0;

  constructor(servers: readonly Server[]) {
    for (const server of servers) server.on("connection", () => this.#count++);
  }

  /** Resolves when the last turn was short and has brought nobody. */
  async pause(): Promise<void> {
    const start = performance.now();
    let now = start;
    let isQuiet = false;
    while (!isQuiet && now - start < MAX_WAIT_MS) {
      const [count, before] = [this.#count, now];
      await setImmediate();
      now = performance.now();
      isQuiet = this.#count === count && now - before < SHORT_MS;
    }
  }
}
