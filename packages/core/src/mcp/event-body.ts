import type { ByteSink, ByteStream, LeaveSignal } from "../spec/http.js";

/** The body of a Fetch response as a stream of the gateway's. */
export class EventBody implements ByteStream {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #left: LeaveSignal;
  readonly #onEnd: () => void;
  #onRoom: () => void = () => {};

  /** @param onEnd - called once, however it ends */
  constructor(body: ReadableStream<Uint8Array>, left: LeaveSignal, onEnd: () => void) {
    this.#reader = body.getReader();
    this.#left = left;
    this.#onEnd = onEnd;
    const leave = () => {
      this.#reader.cancel().catch(() => {}); // what the stream's own end throws is nobody's concern any more
      this.#onRoom();
    };
    if (left.aborted) leave();
    left.addEventListener("abort", leave, { once: true });
  }

  pipe(sink: ByteSink): { drain(): void } {
    void this.#pump(sink).finally(this.#onEnd);
    return { drain: () => this.#onRoom() };
  }

  async #pump(sink: ByteSink): Promise<void> {
    try {
      for (;;) {
        const { done, value } = await this.#reader.read();
        if (done) break;
        if (!sink.write(value) && !this.#left.aborted) await this.#room();
      }
      sink.end();
    } catch {
      sink.abort();
    }
  }

  #room(): Promise<void> {
    return new Promise((resolve) => {
      this.#onRoom = resolve;
    });
  }
}
