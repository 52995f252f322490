import type { Socket } from "node:net";
import type { Clock } from "../../../clock.js";
import type { TerminalExit, TerminalSize } from "../../../schemas/terminal.js";
import type { Logger } from "../../../spec/logger.js";
import { answerBudget } from "./answer-budget.js";
import { IAC } from "./codes.js";
import { DataMarks } from "./data-mark.js";
import { TelnetProtocol } from "./protocol.js";

/** Takes what the other end writes, and its end. */
export interface TelnetReader {
  onData(data: Uint8Array): void;
  onEnd(exit: TerminalExit): void;
}

/** Options of {@link TelnetConnection}. */
export interface TelnetConnectionOptions {
  readonly socket: Socket;
  readonly size: TerminalSize;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The host, as log lines name it. */
  readonly name: string;
}

/** Output that came before anybody read it is kept up to this size; then the other end has to wait. */
const MAX_UNREAD_BYTES = 64 * 1024;

/** A Telnet connection: the protocol over a socket. */
export class TelnetConnection {
  readonly #socket: Socket;
  readonly #protocol: TelnetProtocol;
  readonly #marks = new DataMarks();
  readonly #closed: Promise<void>;
  #reader: TelnetReader | null = null;
  #watcher: TelnetReader | null = null;
  #unread: Uint8Array[] = [];
  #unreadBytes = 0;
  #exit: TerminalExit | null = null;
  #hungUp = false;

  constructor({ socket, size, clock, logger, name }: TelnetConnectionOptions) {
    this.#socket = socket;
    this.#protocol = new TelnetProtocol({ ...size, mayAnswer: answerBudget(clock) });
    socket.on("data", (bytes) => {
      this.#receive(bytes);
      if (!this.#protocol.flooded) return;
      logger.warn({ host: name }, "a Telnet host negotiates without end; the connection is closed");
      socket.destroy();
    });
    socket.on("error", () => {}); // shows in the end
    this.#closed = new Promise((resolve) => {
      socket.once("close", (failed) => {
        this.#end(failed);
        resolve();
      });
    });
  }

  /** Shows what comes to somebody who does not take it away, until the returned function is called. */
  watch(watcher: TelnetReader): () => void {
    this.#watcher = watcher;
    for (const data of this.#unread) watcher.onData(data);
    if (this.#exit) watcher.onEnd(this.#exit);
    return () => {
      this.#watcher = null;
    };
  }

  /** Hands over what came so far, and whatever comes. */
  read(reader: TelnetReader): void {
    this.#reader = reader;
    const unread = this.#unread;
    this.#unread = [];
    this.#unreadBytes = 0;
    for (const data of unread) reader.onData(data);
    if (this.#exit) reader.onEnd(this.#exit);
    else this.#socket.resume();
  }

  /** Resolves when the system has taken the bytes, or the connection has ended. */
  write(data: Uint8Array): Promise<void> {
    this.#marks.sentKeys(data);
    return this.#send(this.#protocol.encode(data));
  }

  /** Sends a command of the protocol, such as interrupt. */
  command(code: number): void {
    this.#marks.expect();
    void this.#send(Uint8Array.from([IAC, code]));
  }

  resize({ cols, rows }: TerminalSize): void {
    const told = this.#protocol.resize(cols, rows);
    if (told.length > 0) void this.#send(told);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Hangs up; resolves after the end was told. */
  close(): Promise<void> {
    this.#hungUp = true;
    this.#socket.destroy();
    return this.#closed;
  }

  #receive(bytes: Uint8Array): void {
    const { data, answer } = this.#protocol.receive(this.#marks.clean(bytes));
    if (answer.length > 0) void this.#send(answer);
    if (data.length === 0) return;
    this.#watcher?.onData(data);
    if (this.#reader) return this.#reader.onData(data);
    this.#unread.push(data);
    this.#unreadBytes += data.length;
    if (this.#unreadBytes > MAX_UNREAD_BYTES) this.#socket.pause();
  }

  #send(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      if (this.#socket.writable) this.#socket.write(bytes, () => resolve());
      else resolve();
    });
  }

  #end(failed: boolean): void {
    const reason = this.#hungUp ? "closed" : failed || this.#protocol.flooded ? "connection_lost" : "exited";
    this.#exit = { code: null, signal: null, reason };
    this.#watcher?.onEnd(this.#exit);
    this.#reader?.onEnd(this.#exit);
  }
}
