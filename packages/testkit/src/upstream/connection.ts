import type { Socket } from "node:net";

/** One accepted connection. */
export class Connection {
  readonly socket: Socket;
  /** Counted from 1. */
  readonly number: number;
  /** Whether this side closed it. */
  closedHere = false;
  readonly #onClose: (() => void)[] = [];

  constructor(socket: Socket, number: number) {
    this.socket = socket;
    this.number = number;
    socket.setNoDelay(true);
    socket.on("error", () => {}); // the close that follows is what counts
    // HTTP would go on writing to a client that half-closed; for our purposes it is gone.
    socket.on("end", () => socket.destroy());
    socket.on("close", () => {
      for (const left of this.#onClose) left();
    });
  }

  /** Calls `left` once the connection has closed, at once where it has already. */
  onClose(left: () => void): void {
    if (this.socket.destroyed) left();
    else this.#onClose.push(left);
  }

  /** Closes in order, what was written before still going out. */
  close(): void {
    this.closedHere = true;
    this.socket.destroySoon();
  }

  /** Closes with a TCP reset. */
  reset(): void {
    this.closedHere = true;
    this.socket.resetAndDestroy();
  }

  destroy(): void {
    this.closedHere = true;
    this.socket.destroy();
  }
}
