import type { ServerResponse } from "node:http";
import type { Connection } from "./connection.js";
import type { Gate } from "./gate.js";
import type { Reply, Step } from "./reply.js";

/** How far a reply has come. */
export interface Progress {
  /** Steps played to their end. */
  steps: number;
  /** Server-sent events written whole. */
  events: number;
  /** Bytes of body the kernel has taken. */
  bytes: number;
  /** Whether the whole reply was written. */
  complete: boolean;
}

/** Plays one reply on one connection, no faster than the client reads, until it ends or the connection does. */
export class Player {
  readonly progress: Progress = { steps: 0, events: 0, bytes: 0, complete: false };
  readonly #response: ServerResponse;
  readonly #connection: Connection;
  #gone = false;
  #outsideHttp = false;
  #wake: (() => void) | undefined;

  constructor(response: ServerResponse, connection: Connection) {
    this.#response = response;
    this.#connection = connection;
    response.on("error", () => {}); // the connection's close is what counts
    connection.onClose(() => {
      this.#gone = true;
      this.#wake?.();
    });
  }

  async play(reply: Reply): Promise<void> {
    for (const step of reply.steps) {
      await this.#perform(step);
      if (this.#gone || this.#connection.closedHere) return;
      this.progress.steps++;
      if (step.kind === "bytes" && step.event) this.progress.events++;
    }
    this.progress.complete = true;
    if (this.#outsideHttp) this.#connection.close();
    else this.#response.end();
  }

  async #perform(step: Step): Promise<void> {
    switch (step.kind) {
      case "head":
        for (const [name, value] of Object.entries(step.headers)) this.#response.appendHeader(name, value);
        this.#response.writeHead(step.status);
        this.#response.flushHeaders();
        return;
      case "bytes":
        await this.#write(step.bytes, (done) => this.#response.write(step.bytes, done));
        return;
      case "raw":
        this.#outsideHttp = true;
        await this.#write(step.bytes, (done) => this.#connection.socket.write(step.bytes, done));
        return;
      case "gate":
        await this.#passGate(step);
        return;
      case "hang":
        await this.#wait(() => {});
        return;
      case "cut":
        this.#connection.close();
        return;
      case "reset":
        this.#connection.reset();
    }
  }

  async #write(bytes: Uint8Array, write: (done: () => void) => void): Promise<void> {
    await this.#wait(write);
    // Without a turn of the event loop the next write would share this one's packet.
    await new Promise((resolve) => setImmediate(resolve));
    if (!this.#gone) this.progress.bytes += bytes.length;
  }

  async #passGate(gate: Gate): Promise<void> {
    gate.reach();
    await this.#wait((done) => void gate.opened.then(done));
  }

  /** Waits for `start`'s callback or for the end of the connection, whichever comes first. */
  #wait(start: (done: () => void) => void): Promise<void> {
    if (this.#gone) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = resolve;
      start(resolve);
    });
  }
}
