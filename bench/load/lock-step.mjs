import { once } from "node:events";
import { connect } from "node:net";
import { CHUNK_BYTES, streamBody } from "../fixtures.mjs";
import { Connection } from "./connection.mjs";
import { cpuWindow } from "./cpu-window.mjs";
import { ExpectedBody } from "./expected-body.mjs";
import { chatRequest, portOf } from "./request.mjs";

const STALLED_MS = 5_000;
const TICK = Buffer.from("t");

/**
 * Streams in lock-step: when every stream has its chunk, the upstream is told to send the next one of each. Counts the
 * chunks in the window and the CPU the target uses for them.
 */
export async function lockStep({ url, ticksPort, pid, streams, chunks, settleMs, windowMs }) {
  const ticks = connect({ port: ticksPort, host: "127.0.0.1", noDelay: true });
  await once(ticks, "connect");
  const march = new March({ url, ticks, streams, chunks });
  try {
    return await Promise.race([cpuWindow({ pid, settleMs, windowMs }, () => march.received), march.run()]);
  } finally {
    march.stop();
    ticks.destroy();
  }
}

class March {
  /** Chunks so far. */
  received = 0;
  #ticks;
  #request;
  #walkers;
  /** Streams that have not got the chunk of this step, or not ended in the last one. */
  #awaited = 0;
  #watchdog = null;
  #reject = () => {};

  constructor({ url, ticks, streams, chunks }) {
    this.#ticks = ticks;
    this.#request = chatRequest(url, { stream: true });
    const body = streamBody(chunks);
    this.#walkers = Array.from({ length: streams }, () => new Walker(portOf(url), body, chunks));
  }

  /** Goes on until it is stopped; rejects when something is wrong. */
  run() {
    return new Promise((_, reject) => {
      this.#reject = reject;
      this.#watch();
      this.#begin();
    });
  }

  stop() {
    clearTimeout(this.#watchdog);
    for (const walker of this.#walkers) walker.stop();
  }

  #begin() {
    this.#awaited = this.#walkers.length;
    for (const walker of this.#walkers) walker.start(this.#request, this.#arrived, this.#reject);
  }

  #arrived = () => {
    this.received++;
    if (--this.#awaited > 0) return;
    if (this.#walkers[0].isDone) return this.#begin();
    this.#awaited = this.#walkers.length;
    this.#ticks.write(TICK);
  };

  #watch(seen = -1) {
    if (seen === this.received) return this.#reject(new Error(`the streams stand still: ${this.#awaited} are awaited`));
    this.#watchdog = setTimeout((received) => this.#watch(received), STALLED_MS, this.received);
  }
}

/** One stream after another on one connection; says when each chunk has come, the last one when the stream has ended. */
class Walker {
  #connection;
  #body;
  #chunks;
  #reached = 0;

  constructor(port, body, chunks) {
    this.#connection = new Connection(port);
    this.#body = new ExpectedBody(body);
    this.#chunks = chunks;
  }

  get isDone() {
    return !this.#connection.isBusy;
  }

  start(request, arrived, onFailure) {
    this.#reached = 0;
    this.#connection.send(request, {
      onBody: (bytes, start, end) => {
        this.#body.push(bytes, start, end);
        this.#count(arrived);
      },
      onEnd: () => {
        this.#body.end();
        arrived();
      },
      onFailure,
    });
  }

  stop() {
    this.#connection.destroy();
  }

  /** The last chunk counts only once the stream has ended in good order. */
  #count(arrived) {
    while (this.#reached < this.#chunks - 1 && this.#body.offset >= (this.#reached + 1) * CHUNK_BYTES) {
      this.#reached++;
      arrived();
    }
  }
}
