import type { GatewayError } from "../errors.js";
import type { ByteSink, ByteStream } from "../spec/http.js";

const MAX_WAITING_BYTES = 64 * 1024;

/** What the caller of a stream reads from: frames wait here until a sink is attached. */
export class ClientStream implements ByteStream {
  #sink: ByteSink | null = null;
  #waiting: (Buffer | string)[] = [];
  #waitingBytes = 0;
  #ending: { readonly error: GatewayError | null } | null = null;
  #errorFrame: string | null = null;
  #onDrain: (() => void) | null = null;
  /** Changes frames on their way, where something has to be added to them. */
  decorate: ((frame: Buffer | string) => Buffer | string) | null = null;
  /** When the last bytes were handed over, on the timer wheel's clock. */
  lastWriteAt = 0;

  pipe(sink: ByteSink): { drain(): void } {
    this.#sink = sink;
    let roomLeft = true;
    for (const frame of this.#waiting) roomLeft = sink.write(frame);
    this.#waiting = [];
    if (this.#ending) this.#finish(sink, this.#ending.error);
    else if (roomLeft) this.#onDrain?.();
    return { drain: () => this.#onDrain?.() };
  }

  /** What to call when the sink wants more after a {@link write} that returned false. */
  set onDrain(drain: () => void) {
    this.#onDrain = drain;
  }

  /** False when the sink is full. */
  write(plain: Buffer | string): boolean {
    if (this.#ending) return true;
    const frame = this.decorate ? this.decorate(plain) : plain;
    if (this.#sink) return this.#sink.write(frame);
    this.#waiting.push(frame);
    this.#waitingBytes += frame.length;
    return this.#waitingBytes < MAX_WAITING_BYTES;
  }

  end(): void {
    this.#close(null, null);
  }

  /** Ends with an error: as it is where the sink takes it, else as a frame in the caller's dialect; without one it breaks off. */
  fail(error: GatewayError, frame: string | null): void {
    this.#close(error, frame);
  }

  #close(error: GatewayError | null, frame: string | null): void {
    if (this.#ending) return;
    this.#ending = { error };
    this.#errorFrame = frame;
    if (this.#sink) this.#finish(this.#sink, error);
  }

  #finish(sink: ByteSink, error: GatewayError | null): void {
    if (error && sink.fail) return sink.fail(error);
    if (error && this.#errorFrame === null) return sink.abort();
    if (this.#errorFrame !== null) sink.write(this.#errorFrame);
    sink.end();
  }
}
