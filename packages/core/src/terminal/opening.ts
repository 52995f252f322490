import type { Clock } from "../clock.js";
import { GatewayError, isGatewayError } from "../errors.js";
import type { LeaveSignal } from "../spec/http.js";

/** For whom and how long a terminal is being opened. */
export interface OpeningSettings {
  /** Aborts when whoever asked has left. */
  readonly signal: LeaveSignal;
  readonly clock: Clock;
  readonly withinMs: number;
}

/** A terminal that is being opened: it counts as one, and can be broken off. */
export class Opening {
  readonly id: string;
  readonly owner: string;
  readonly done: Promise<void>;
  readonly #abort = new AbortController();
  readonly #cancel: () => void;
  readonly #asker: LeaveSignal;
  readonly #leave = () => this.abort();
  #isDone: () => void = () => {};
  #late = false;

  constructor(id: string, owner: string, { signal, clock, withinMs }: OpeningSettings) {
    this.id = id;
    this.owner = owner;
    this.#asker = signal;
    this.done = new Promise((resolve) => {
      this.#isDone = resolve;
    });
    this.#cancel = clock.after(withinMs, () => {
      this.#late = true;
      this.abort();
    });
    if (signal.aborted) this.abort();
    signal.addEventListener("abort", this.#leave, { once: true });
  }

  /** Aborts when it is to be broken off. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Breaks it off. */
  abort(): void {
    this.#abort.abort(new GatewayError("client_closed_request"));
  }

  /** What a failure means to whoever asked: whatever a driver says once it is late, it is late. */
  explain(error: unknown): unknown {
    if (this.#late) return new GatewayError("remote_timeout", { cause: error });
    if (isGatewayError(error) || !this.signal.aborted) return error;
    return new GatewayError("client_closed_request", { cause: error });
  }

  /** It is open, or has failed. */
  end(): void {
    this.#cancel();
    this.#asker.removeEventListener("abort", this.#leave);
    this.#isDone();
  }
}
