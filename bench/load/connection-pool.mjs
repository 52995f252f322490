import { Connection } from "./connection.mjs";

/** Connections to one target for an open loop: an idle one if there is any, else a new one. */
export class ConnectionPool {
  #port;
  #idle = [];
  #all = [];

  constructor(port) {
    this.#port = port;
  }

  /** Sends a request; the promise settles with the answer's end. */
  ask(request, onBody) {
    const connection = this.#idle.pop() ?? this.#open();
    return new Promise((resolve, reject) => {
      const onEnd = () => {
        this.#idle.push(connection);
        resolve();
      };
      connection.send(request, { onBody, onEnd, onFailure: reject });
    });
  }

  close() {
    for (const connection of this.#all) connection.destroy();
  }

  #open() {
    const connection = new Connection(this.#port);
    this.#all.push(connection);
    return connection;
  }
}
