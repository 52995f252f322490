import { connect as connectTcp, isIP, type LookupFunction, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Clock } from "../clock.js";
import type { Receiver } from "../spec/provider.js";
import { Connection, type ConnectionOwner, type WireRequest } from "./connection.js";
import { Http1Error } from "./http1-error.js";

/** Where connections go, and how. */
export interface ConnectionPoolOptions {
  /** Scheme, host and port; `http:` or `https:`. */
  readonly origin: URL;
  readonly clock: Clock;
  /** Resolves names, and may refuse what they resolve to. */
  readonly lookup: LookupFunction;
  /** Milliseconds for a connection to be made, TLS included. */
  readonly connectMs: number;
  /** Certificates to trust instead of the usual ones, in PEM. */
  readonly ca?: string | undefined;
}

/** Where what is read from a socket goes, once it is connected. */
interface Reading {
  connection: Connection | null;
}

const SWEEP_MS = 1_000;
const KEEP_ALIVE_PROBE_MS = 60_000;
const READ_BYTES = 64 * 1024;
/** One for all connections: what is read into it is taken out of it before anything else is read. */
const READ_BUFFER = Buffer.allocUnsafeSlow(READ_BYTES);

/**
 * Connections to one origin: as many as there are requests at a time, kept open between them. The last one to fall idle
 * is the first to be used again, so that those beyond the need grow old and are closed.
 */
export class ConnectionPool implements ConnectionOwner {
  readonly #options: ConnectionPoolOptions;
  readonly #all = new Set<Connection>();
  readonly #connecting = new Set<Socket>();
  readonly #idle: Connection[] = [];
  #stopSweeping: (() => void) | null = null;
  /** Lets TLS connections after the first skip half of the handshake. */
  #session: Buffer | undefined;
  #destroyed = false;

  constructor(options: ConnectionPoolOptions) {
    this.#options = options;
  }

  /** Sends a request over an idle connection, or a new one. Never throws: `receiver` hears of everything. */
  send(request: WireRequest, receiver: Receiver): void {
    if (this.#destroyed) return receiver.onError(new Http1Error("CLIENT_CLOSED", "was closed"));
    const connection = this.#takeIdle();
    if (connection) connection.send(request, receiver);
    else this.#open(request, receiver);
  }

  /** Closes every connection; what runs on them fails. */
  destroy(): void {
    this.#destroyed = true;
    this.#stopSweeping?.();
    for (const connection of this.#all) connection.destroy();
    for (const socket of this.#connecting) socket.destroy(new Http1Error("CLIENT_CLOSED", "was closed"));
  }

  idle(connection: Connection, ms: number): void {
    if (this.#destroyed) return connection.destroy();
    connection.idleUntil = this.#options.clock.monotonic() + ms;
    this.#idle.push(connection);
    this.#stopSweeping ??= this.#options.clock.every(SWEEP_MS, () => this.#sweep());
  }

  closed(connection: Connection): void {
    if (!this.#all.delete(connection)) return;
    const at = this.#idle.indexOf(connection);
    if (at >= 0) this.#idle.splice(at, 1);
  }

  #takeIdle(): Connection | null {
    const now = this.#options.clock.monotonic();
    for (let connection = this.#idle.pop(); connection; connection = this.#idle.pop()) {
      if (connection.idleUntil > now) return connection;
      connection.destroy();
    }
    return null;
  }

  /** Closes what has lain idle too long. */
  #sweep(): void {
    const now = this.#options.clock.monotonic();
    for (const connection of this.#idle.filter(({ idleUntil }) => idleUntil <= now)) connection.destroy();
    if (this.#idle.length > 0) return;
    this.#stopSweeping?.();
    this.#stopSweeping = null;
  }

  #open(request: WireRequest, receiver: Receiver): void {
    const { clock, connectMs } = this.#options;
    const reading: Reading = { connection: null };
    let failure: Error = new Http1Error("UPSTREAM_CLOSED", "closed the connection");
    const socket = this.#connect(reading);
    this.#connecting.add(socket);
    const cancel = clock.after(connectMs, () => {
      socket.destroy(new Http1Error("CONNECT_TIMEOUT", `could not be reached in ${connectMs} ms`));
    });
    const settled = () => {
      cancel();
      this.#connecting.delete(socket);
    };
    const failed = (error: Error) => {
      failure = error;
    };
    socket.on("error", failed);
    const refused = () => {
      settled();
      receiver.onError(failure);
    };
    socket.once("close", refused);
    socket.once(this.#isSecure ? "secureConnect" : "connect", () => {
      settled();
      socket.off("close", refused);
      const connection = new Connection(socket, this);
      socket.off("error", failed); // what stays on the socket must not keep its first request
      reading.connection = connection;
      this.#all.add(connection);
      connection.send(request, receiver);
    });
  }

  #connect(reading: Reading): Socket {
    const { origin, lookup, ca } = this.#options;
    const host = origin.hostname.replace(/^\[|\]$/g, "");
    const common = {
      host,
      port: Number(origin.port) || (this.#isSecure ? 443 : 80),
      lookup,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_PROBE_MS,
      onread: {
        buffer: READ_BUFFER,
        callback(count: number): boolean {
          reading.connection?.received(READ_BUFFER.subarray(0, count));
          return true;
        },
      },
    };
    if (!this.#isSecure) return connectTcp(common);
    const socket = connectTls({
      ...common,
      ALPNProtocols: ["http/1.1"],
      session: this.#session,
      ...(ca === undefined ? {} : { ca }),
      servername: isIP(host) === 0 ? host : "", // RFC 6066 3 has no addresses
    });
    socket.on("session", (session) => {
      this.#session = session;
    });
    return socket;
  }

  get #isSecure(): boolean {
    return this.#options.origin.protocol === "https:";
  }
}
