import type { Clock } from "../../../clock.js";
import type { Exchange, Receiver } from "../../../spec/provider.js";
import type { ScriptStep } from "./script.js";

/** After so many reads in one go, other work gets its turn. */
const READS_PER_TURN = 256;

/** Plays a script into a receiver, as fast as clock and receiver allow. */
export class SimulatedExchange implements Exchange {
  readonly #steps: Iterator<ScriptStep>;
  readonly #receiver: Receiver;
  readonly #clock: Clock;
  readonly #onEnd: () => void;
  #state: "idle" | "running" | "waiting" | "paused" | "over" = "idle";
  #pauseWanted = false;
  #reads = 0;
  #cancelWait: () => void = () => {};

  constructor(
    steps: Iterator<ScriptStep>,
    receiver: Receiver,
    { clock, onEnd }: { readonly clock: Clock; readonly onEnd: () => void },
  ) {
    this.#steps = steps;
    this.#receiver = receiver;
    this.#clock = clock;
    this.#onEnd = onEnd;
  }

  get #over(): boolean {
    return this.#state === "over";
  }

  /** Goes on until there is something to wait for. */
  run(): void {
    if (this.#over) return;
    this.#state = "running";
    while (this.#state === "running") {
      if (this.#pauseWanted) this.#state = "paused";
      else this.#next();
    }
  }

  abort(reason: Error): void {
    if (this.#over) return;
    this.#finish();
    // Later, as a socket would: whoever aborts in a callback should be out of it first.
    queueMicrotask(() => this.#receiver.onError(reason));
  }

  pause(): void {
    this.#pauseWanted = true;
  }

  resume(): void {
    this.#pauseWanted = false;
    if (this.#state === "paused") this.run();
  }

  #next(): void {
    try {
      const { done, value } = this.#steps.next();
      if (done) this.#end();
      else this.#perform(value);
    } catch (cause) {
      if (this.#over) throw cause; // there is nobody left to tell
      this.#fail(cause);
    }
  }

  #perform(step: ScriptStep): void {
    switch (step.kind) {
      case "start":
        this.#receiver.onStart(this);
        break;
      case "headers":
        this.#receiver.onHeaders(step.status, step.headers);
        break;
      case "data":
        if (++this.#reads % READS_PER_TURN === 0) this.#wait(0);
        this.#receiver.onData(Buffer.from(step.text));
        break;
      case "wait":
        if (step.ms > 0) this.#wait(step.ms);
        break;
      case "hang":
        this.#state = "waiting";
        break;
      case "fail":
        this.#fail(step.cause);
    }
  }

  #wait(ms: number): void {
    this.#state = "waiting";
    this.#cancelWait = this.#clock.after(ms, () => this.run());
  }

  #end(): void {
    this.#finish();
    this.#receiver.onEnd();
  }

  #fail(cause: unknown): void {
    this.#finish();
    this.#receiver.onError(cause);
  }

  #finish(): void {
    this.#state = "over";
    this.#cancelWait();
    this.#onEnd();
  }
}
