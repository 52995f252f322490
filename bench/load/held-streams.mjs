import { setTimeout as sleep } from "node:timers/promises";
import { monotonicMs } from "../process/clock.mjs";
import { Connection } from "./connection.mjs";
import { chatRequest, portOf } from "./request.mjs";

/** Few enough to stay below every accept queue. */
const OPENED_AT_ONCE = 100;

/** Streams that stay open until they are dropped. */
export class HeldStreams {
  #connections = [];

  /** Opens `count` more and resolves when each has brought its first chunk. */
  async open({ url, count }) {
    const request = chatRequest(url, { stream: true });
    for (let opened = 0; opened < count; opened += OPENED_AT_ONCE) {
      const batch = Array.from({ length: Math.min(OPENED_AT_ONCE, count - opened) }, () => this.#start(url, request));
      await Promise.all(batch);
    }
  }

  /** Leaves all of them. */
  drop() {
    for (const connection of this.#connections) connection.destroy();
    this.#connections = [];
  }

  #start(url, request) {
    const connection = new Connection(portOf(url));
    this.#connections.push(connection);
    return firstChunk(connection, request);
  }
}

/** Opens one stream after another, leaves each after its first chunk and tells when that was. */
export async function leaveStreams({ url, count, pauseMs }) {
  const request = chatRequest(url, { stream: true });
  const leftAt = [];
  for (let index = 0; index < count; index++) {
    const connection = new Connection(portOf(url));
    await firstChunk(connection, request);
    leftAt.push(monotonicMs());
    connection.destroy();
    await sleep(pauseMs);
  }
  return leftAt;
}

function firstChunk(connection, request) {
  return new Promise((resolve, reject) => {
    const onEnd = () => reject(new Error("a stream that was to stay open has ended"));
    connection.send(request, { onBody: () => resolve(), onEnd, onFailure: reject });
  });
}
