import { closeSync, constants, readSync } from "node:fs";
import { Socket } from "node:net";
import type { SessionFolder } from "./session-folder.js";

/** What is in a pipe when its writers have gone: at most its capacity, which a user may raise to 1 MiB. */
const MAX_REST_BYTES = 1024 * 1024;
const PIECE_BYTES = 64 * 1024;

/** Who reads a pipe. */
export interface PipeReader {
  /** Takes bytes; a promise holds the writers up. */
  take(bytes: Buffer): void | Promise<void>;
  /** Takes what background jobs write after the command has ended. */
  takeLate(bytes: Buffer): void;
  /** Called after the command has ended, when nobody can write into the pipe any more. */
  onFree(): void;
}

/**
 * One output of one command, read from a named pipe. A named pipe, since `> /dev/stdout` cannot open the sockets that
 * Node.js gives its children; one for each command, so that the end is exact without any mark in the output.
 */
export class FifoReader {
  readonly #reader: number;
  readonly #keeper: number;
  readonly #socket: Socket;
  readonly #to: PipeReader;
  #taken: Promise<void> = Promise.resolve();
  #waiting = 0;
  #background = false;

  /**
   * Opens the reading end, so that a writer does not wait for it.
   * @throws the system's error where the pipe is not there any more
   */
  constructor(folder: Pick<SessionFolder, "openPipe">, path: string, to: PipeReader) {
    this.#to = to;
    [this.#reader, this.#keeper] = openBothEnds(folder, path);
    this.#socket = new Socket({ fd: this.#reader, readable: true, writable: false });
    this.#socket.on("data", (bytes) => this.#pass(bytes));
    this.#socket.on("error", () => this.#socket.destroy());
  }

  /**
   * The command has ended: hands over what is still in the pipe and resolves when all has been taken. What background
   * jobs write later goes elsewhere.
   */
  async finish(): Promise<void> {
    this.#socket.pause();
    while (this.#socket.read() !== null); // what it reads comes by the event, as all does
    this.#drain();
    closeSync(this.#keeper);
    this.#background = true;
    this.#socket.once("close", () => this.#to.onFree());
    this.#socket.resume();
    await this.#taken;
  }

  /** Reads no more, whoever still writes. */
  destroy(): void {
    if (!this.#background) closeSync(this.#keeper);
    this.#background = true;
    this.#socket.destroy();
  }

  #drain(): void {
    for (let rest = 0; rest < MAX_REST_BYTES; ) {
      const bytes = Buffer.allocUnsafe(PIECE_BYTES);
      const length = readNow(this.#reader, bytes);
      if (length === 0) return;
      this.#pass(bytes.subarray(0, length));
      rest += length;
    }
  }

  #pass(bytes: Buffer): void {
    if (this.#background) return this.#to.takeLate(bytes);
    if (this.#waiting === 0) {
      const taking = this.#to.take(bytes);
      if (taking) this.#hold(taking);
    } else {
      this.#hold(this.#taken.then(() => this.#to.take(bytes)));
    }
  }

  #hold(taking: Promise<void>): void {
    this.#waiting++;
    this.#socket.pause();
    const goOn = () => {
      this.#waiting--;
      if (this.#waiting === 0) this.#socket.resume();
    };
    this.#taken = taking.then(goOn, goOn); // whoever takes knows himself what went wrong
  }
}

/** While we could write ourselves, a command that closes its output is not the end: so both ends are open. */
export function openBothEnds(
  folder: Pick<SessionFolder, "openPipe">,
  path: string,
): readonly [reader: number, keeper: number] {
  const reader = folder.openPipe(path, constants.O_RDONLY);
  try {
    return [reader, folder.openPipe(path, constants.O_WRONLY)];
  } catch (error) {
    closeSync(reader);
    throw error;
  }
}

/** What is there now; 0 for nothing. */
function readNow(fd: number, bytes: Buffer): number {
  try {
    return readSync(fd, bytes);
  } catch {
    return 0; // EAGAIN
  }
}
