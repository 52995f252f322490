import { STAMP_DIGITS } from "../fixtures.mjs";
import { monotonicMs } from "../process/clock.mjs";
import { FRAMED_STAMP_AT } from "./script.mjs";

/** One stream that is being answered, write by write. */
export class OutgoingStream {
  #socket;
  #script;
  #stamped;
  #next = 0;

  constructor(socket, script, { stamped }) {
    this.#socket = socket;
    this.#script = script;
    this.#stamped = stamped;
  }

  get done() {
    return this.#next === this.#script.writes.length;
  }

  /** Sends the next chunk. */
  advance() {
    const bytes = this.#script.writes[this.#next];
    this.#socket.write(this.#stamped ? this.#withTime(bytes) : bytes);
    this.#next++;
  }

  #withTime(bytes) {
    const stamped = Buffer.from(bytes);
    const at = FRAMED_STAMP_AT + (this.#next === 0 ? this.#script.headBytes : 0);
    const nanoseconds = Math.round(monotonicMs() * 1e6);
    stamped.latin1Write(String(nanoseconds).padStart(STAMP_DIGITS, "0"), at);
    return stamped;
  }
}
