/**
 * Sends a chunk of every open stream whenever a tick comes. The load generator ticks when it has got the last chunk of
 * every stream, so each chunk is one read and one write for the target: chunks never melt together, however slow it is.
 */
export class TickPacing {
  #streams = new Set();

  add(stream) {
    stream.advance();
    if (!stream.done) this.#streams.add(stream);
  }

  remove(stream) {
    this.#streams.delete(stream);
  }

  tick() {
    for (const stream of this.#streams) {
      stream.advance();
      if (stream.done) this.#streams.delete(stream);
    }
  }
}

/** Sends the chunks of each stream at a fixed distance. */
export class TimerPacing {
  #everyMs;
  #timers = new Map();

  constructor(everyMs) {
    this.#everyMs = everyMs;
  }

  add(stream) {
    stream.advance();
    if (stream.done) return;
    const timer = setInterval(() => {
      stream.advance();
      if (stream.done) this.remove(stream);
    }, this.#everyMs);
    this.#timers.set(stream, timer);
  }

  remove(stream) {
    clearInterval(this.#timers.get(stream));
    this.#timers.delete(stream);
  }
}
