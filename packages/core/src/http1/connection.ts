import type { Socket } from "node:net";
import type { Exchange, Receiver, UpstreamHeaders } from "../spec/provider.js";
import { utf8Length } from "../utf8-length.js";
import { Http1Error } from "./http1-error.js";
import { ResponseParser, type ResponseSink } from "./response-parser.js";

/** One request, ready to be written. */
export interface WireRequest {
  /** Request line and headers, each with its line end; without the length and the empty line. ASCII. */
  readonly head: string;
  /** Null for a request that has none. */
  readonly body: string | Uint8Array | null;
}

/** Who looks after connections. */
export interface ConnectionOwner {
  /** The connection may take another request within so many milliseconds. */
  idle(connection: Connection, ms: number): void;
  /** It is closed, or about to be; may be said more than once. */
  closed(connection: Connection): void;
}

/** One connection, and the exchange that runs on it. One at a time: nothing is pipelined. */
export class Connection {
  /** On the pool's clock; while it lies idle. */
  idleUntil = 0;
  readonly #socket: Socket;
  readonly #owner: ConnectionOwner;
  #exchange: RunningExchange | null = null;
  #isPaused = false;

  /** @param socket - connected, or about to be; its bytes come by {@link received} */
  constructor(socket: Socket, owner: ConnectionOwner) {
    this.#socket = socket;
    this.#owner = owner;
    socket.on("end", () => this.#ended());
    socket.on("error", (error) => this.#fail(error));
    socket.on("close", () => this.#fail(new Http1Error("UPSTREAM_CLOSED", "closed the connection")));
  }

  /** Sends a request. The connection is idle, and open as far as anybody knows. */
  send({ head, body }: WireRequest, receiver: Receiver): void {
    const exchange = new RunningExchange(this, receiver);
    this.#exchange = exchange;
    this.#socket.ref();
    try {
      receiver.onStart(exchange);
    } catch (error) {
      this.abort(exchange, error);
    }
    if (this.#exchange !== exchange) return; // no longer wanted, and given back unused
    exchange.sent = true;
    if (typeof body === "string") this.#writeText(head, body);
    else this.#writeBytes(head, body);
  }

  /** Takes what was read, which may be written over afterwards. */
  received(bytes: Buffer): void {
    const exchange = this.#exchange;
    if (!exchange) return this.destroy(); // nobody has asked for anything
    const { parser } = exchange;
    try {
      parser.push(bytes);
    } catch (error) {
      return this.#fail(error);
    }
    if (parser.done && this.#exchange === exchange) this.#complete(exchange);
  }

  /** Ends an exchange before its answer has. */
  abort(exchange: RunningExchange, reason: unknown): void {
    if (this.#exchange !== exchange) return;
    this.#exchange = null;
    exchange.over = true;
    if (exchange.sent) this.#close();
    else this.#rest(UNUSED_MS);
    exchange.receiver.onError(reason);
  }

  pause(exchange: RunningExchange): void {
    if (this.#exchange !== exchange) return;
    this.#isPaused = true;
    this.#socket.pause();
  }

  resume(exchange: RunningExchange): void {
    if (this.#exchange === exchange) this.#goOn();
  }

  /** Closes it; what runs on it fails. */
  destroy(error: Error = new Http1Error("CLIENT_CLOSED", "was closed")): void {
    this.#fail(error);
  }

  #writeText(head: string, body: string): void {
    const bytes = utf8Length(body);
    // Latin-1 is written without a look at each character; that the length is the same says it is ASCII.
    this.#socket.write(`${head}content-length: ${bytes}\r\n\r\n${body}`, bytes === body.length ? "latin1" : "utf8");
  }

  #writeBytes(head: string, body: Uint8Array | null): void {
    this.#socket.cork();
    this.#socket.write(body ? `${head}content-length: ${body.length}\r\n\r\n` : `${head}\r\n`, "latin1");
    if (body) this.#socket.write(body);
    this.#socket.uncork();
  }

  #complete(exchange: RunningExchange): void {
    this.#exchange = null;
    // An answer that came before the request was written whole leaves the rest of it on the way.
    const ms = this.#socket.writableLength > 0 ? 0 : exchange.parser.reusableMs;
    if (ms > 0) this.#rest(ms);
    else this.#close();
    try {
      exchange.receiver.onEnd();
    } catch (error) {
      exchange.receiver.onError(error);
    }
  }

  #rest(ms: number): void {
    this.#goOn(); // a paused one would not hear the other side close
    this.#socket.unref();
    this.#owner.idle(this, ms);
  }

  #goOn(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#socket.resume();
  }

  #ended(): void {
    const exchange = this.#exchange;
    if (!exchange) return this.#close();
    try {
      exchange.parser.end();
    } catch (error) {
      return this.#fail(error);
    }
    this.#complete(exchange);
  }

  /** The owner hears of it before the socket says so, and takes it for no other request meanwhile. */
  #close(): void {
    this.#socket.destroy();
    this.#owner.closed(this);
  }

  #fail(error: unknown): void {
    this.#close();
    const exchange = this.#exchange;
    if (!exchange) return;
    this.#exchange = null;
    exchange.over = true;
    exchange.receiver.onError(error);
  }
}

/** A connection that was made for a request nobody wants any more. */
const UNUSED_MS = 1_000;

/** One request on its connection; once it is over, what is asked of it does nothing. */
class RunningExchange implements Exchange, ResponseSink {
  readonly receiver: Receiver;
  readonly parser = new ResponseParser(this);
  /** Whether anything of it was written. */
  sent = false;
  /** Whether the receiver has heard the end; of what still lies in the same read it hears nothing. */
  over = false;
  readonly #connection: Connection;

  constructor(connection: Connection, receiver: Receiver) {
    this.#connection = connection;
    this.receiver = receiver;
  }

  onHeaders(status: number, headers: UpstreamHeaders): void {
    if (!this.over) this.receiver.onHeaders(status, headers);
  }

  onData(chunk: Buffer): void {
    if (!this.over) this.receiver.onData(chunk);
  }

  abort(reason: Error): void {
    this.#connection.abort(this, reason);
  }

  pause(): void {
    this.#connection.pause(this);
  }

  resume(): void {
    this.#connection.resume(this);
  }
}
