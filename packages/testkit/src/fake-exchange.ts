import type { Exchange, Receiver } from "@sluice/core";
import { deferred } from "./upstream/deferred.js";
import type { Reply, Step } from "./upstream/reply.js";

/** Plays a scripted reply into a receiver, in this process. */
export class FakeExchange implements Exchange {
  readonly #receiver: Receiver;
  #over = false;
  #paused = false;
  #wake: (() => void) | undefined;
  #resumed: (() => void) | undefined;
  readonly #ended = deferred();

  constructor(receiver: Receiver) {
    this.#receiver = receiver;
  }

  /** Resolves when the receiver got its last callback. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  abort(reason: Error): void {
    if (this.#over) return;
    this.#over = true;
    // Later, as a socket would: whoever aborts in a callback should be out of it first.
    queueMicrotask(() => {
      this.#receiver.onError(reason);
      this.#ended.resolve();
    });
    this.#wake?.();
    this.#resumed?.();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#resumed?.();
  }

  async play(reply: Reply): Promise<void> {
    if (this.#over) return;
    this.#receiver.onStart(this);
    for (const step of reply.steps) {
      await this.#turn();
      if (this.#over) return;
      await this.#perform(step);
    }
    await this.#turn();
    if (!this.#over) this.#end(null);
  }

  /** Ends with an error, as a lost connection does. */
  fail(cause: unknown): void {
    if (!this.#over) this.#end(cause);
  }

  async #perform(step: Step): Promise<void> {
    switch (step.kind) {
      case "head":
        return this.#receiver.onHeaders(step.status, headersOf(step.headers));
      case "bytes":
        if (step.bytes.length > 0) this.#receiver.onData(Buffer.from(step.bytes));
        return;
      case "gate":
        step.reach();
        return this.#wait((done) => void step.opened.then(done));
      case "hang":
        return this.#wait(() => {});
      case "raw":
        return this.fail(new Error("answered with something else than HTTP"));
      case "cut":
        return this.fail(new Error("other side closed"));
      case "reset":
        return this.fail(Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }));
    }
  }

  #end(cause: unknown): void {
    this.#over = true;
    if (cause === null) this.#receiver.onEnd();
    else this.#receiver.onError(cause);
    this.#ended.resolve();
  }

  /** A turn of the event loop, or as long as the receiver pauses. */
  async #turn(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#paused && !this.#over) await new Promise<void>((resolve) => (this.#resumed = resolve));
  }

  #wait(start: (done: () => void) => void): Promise<void> {
    if (this.#over) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = resolve;
      start(resolve);
    });
  }
}

function headersOf(headers: Readonly<Record<string, string | readonly string[]>>) {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
