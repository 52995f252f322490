import { connect } from "node:net";
import { ResponseReader } from "./response-reader.mjs";

/**
 * A keep-alive connection that asks one thing at a time. Each answer is given to the listener of its request:
 * `onBody(bytes, start, end)`, `onEnd()`, `onFailure(error)`.
 */
export class Connection {
  #port;
  #socket = null;
  #reader = null;
  #listener = null;

  constructor(port) {
    this.#port = port;
  }

  get isBusy() {
    return this.#listener !== null;
  }

  send(request, listener) {
    this.#listener = listener;
    if (!this.#socket || this.#reader.closing) this.#open();
    this.#socket.write(request);
  }

  /** Leaves, in the middle of an answer too. */
  destroy() {
    this.#listener = null;
    this.#socket?.destroy();
  }

  #open() {
    const reader = new ResponseReader({
      onBody: (bytes, start, end) => this.#listener?.onBody(bytes, start, end),
      onEnd: () => this.#end(),
    });
    const socket = connect({ port: this.#port, host: "127.0.0.1", noDelay: true });
    socket.on("data", (bytes) => this.#read(reader, bytes));
    socket.on("error", (error) => this.#lost(socket, error));
    socket.on("close", () => this.#lost(socket, new Error("the connection closed before the answer was whole")));
    this.#socket = socket;
    this.#reader = reader;
  }

  #read(reader, bytes) {
    const listener = this.#listener;
    try {
      reader.push(bytes);
    } catch (error) {
      this.#listener = null;
      listener?.onFailure(error); // the end of an answer may be what is wrong with it
    }
  }

  #end() {
    const listener = this.#listener;
    this.#listener = null;
    listener?.onEnd();
  }

  #lost(socket, error) {
    if (socket !== this.#socket) return; // replaced by then
    this.#socket = null;
    this.#fail(error);
  }

  #fail(error) {
    const listener = this.#listener;
    this.#listener = null;
    listener?.onFailure(error);
  }
}
