import type { ClientStream } from "./client-stream.js";
import type { TimerWheel, Watched } from "./timers.js";

/** A comment, which every reader of server-sent events ignores (WHATWG HTML 9.2.6). */
const COMMENT = ": keep-alive\n\n";

/** Keeps a silent stream alive: a comment after each stretch of silence, from the first of which the answer is begun. */
export class Pulse implements Watched {
  /** Whether bytes have gone out before the first output. */
  begun = false;
  seat = -1;
  readonly #wheel: TimerWheel;
  readonly #afterMs: number;
  readonly #stream: ClientStream;
  readonly #begin: () => void;

  constructor(wheel: TimerWheel, afterMs: number, stream: ClientStream, begin: () => void) {
    this.#wheel = wheel;
    this.#afterMs = afterMs;
    this.#stream = stream;
    this.#begin = begin;
    wheel.watch(this);
    stream.lastWriteAt = wheel.now;
  }

  get dueAt(): number {
    return this.#stream.lastWriteAt + this.#afterMs;
  }

  /** The answer has begun with real output. */
  committed(): void {
    this.begun = true;
  }

  expire(): void {
    if (!this.begun) {
      this.begun = true;
      this.#begin();
    }
    this.#stream.write(COMMENT);
    this.#stream.lastWriteAt = this.#wheel.now;
  }

  stop(): void {
    this.#wheel.unwatch(this);
  }
}
