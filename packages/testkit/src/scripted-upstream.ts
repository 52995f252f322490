import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { Connection } from "./upstream/connection.js";
import { type Deferred, deferred } from "./upstream/deferred.js";
import { models } from "./upstream/openai.js";
import { Player } from "./upstream/play.js";
import { type ReceivedRequest, readBody, recordRequest } from "./upstream/received-request.js";
import { error, type Reply } from "./upstream/reply.js";

/** Chooses the reply to a request. */
export type Responder = (request: ReceivedRequest) => Reply | Promise<Reply>;

/** Where a {@link scriptedUpstream} listens. */
export interface ScriptedUpstreamOptions {
  /** @defaultValue an ephemeral port */
  readonly port?: number;
  /** @defaultValue "127.0.0.1" */
  readonly host?: string;
}

/**
 * A real HTTP server in the place of a vendor. POST requests take the replies enqueued, then what `always` or
 * `respond` gives, else a 500 that says so; GET requests of a path that ends in `/models` get a model list.
 */
export interface ScriptedUpstream {
  /** Origin, such as `http://127.0.0.1:41234`. */
  readonly url: string;
  /** Every request so far, in order of arrival. */
  readonly requests: readonly ReceivedRequest[];
  /** Connections open now. */
  readonly openConnections: number;
  /** Connections ever accepted. */
  readonly connections: number;
  /** Replies for the next requests, each used once. */
  enqueue(...replies: readonly Reply[]): void;
  /** The reply to every request for which none is enqueued. */
  always(reply: Reply): void;
  /** Like `always`, chosen by request. */
  respond(responder: Responder): void;
  /** The reply to `GET …/models`. */
  models(reply: Reply): void;
  /** The next request nobody has awaited yet; one that has arrived already counts. */
  nextRequest(): Promise<ReceivedRequest>;
  /** Resolves when no connection is open. */
  idle(): Promise<void>;
  /** Closes the port and every connection. */
  close(): Promise<void>;
}

/**
 * Starts a {@link ScriptedUpstream} on this machine.
 * @example
 * const upstream = await scriptedUpstream();
 * upstream.enqueue(openai.completion({ content: "Hello" }));
 * const provider = openaiCompatible("vendor", { baseUrl: `${upstream.url}/v1` }, deps);
 * // …
 * await upstream.close();
 */
export async function scriptedUpstream(options: ScriptedUpstreamOptions = {}): Promise<ScriptedUpstream> {
  const upstream = new Upstream();
  await upstream.listen(options);
  return upstream;
}

class Upstream implements ScriptedUpstream {
  readonly requests: ReceivedRequest[] = [];
  connections = 0;
  readonly #server: Server;
  readonly #open = new Map<Socket, Connection>();
  readonly #queue: Reply[] = [];
  readonly #waiting: Deferred<ReceivedRequest>[] = [];
  #awaited = 0;
  #idle: Deferred<void> | undefined;
  #models = models(["scripted-model"]);
  #responder: Responder = ({ method, path }) => error(500, { error: { message: `No reply for ${method} ${path}` } });

  constructor() {
    // No timer of its own: the tests decide what is slow. Every wrong request should arrive and be seen.
    this.#server = createServer({ requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: 0, maxHeaderSize: 1 << 20 });
    this.#server.on("connection", (socket) => this.#accept(socket));
    this.#server.on("request", (incoming, response) => void this.#receive(incoming, response));
  }

  get url(): string {
    const { address, port } = this.#server.address() as AddressInfo; // it listens on TCP
    return `http://${address.includes(":") ? `[${address}]` : address}:${port}`;
  }

  get openConnections(): number {
    return this.#open.size;
  }

  listen({ port = 0, host = "127.0.0.1" }: ScriptedUpstreamOptions): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, host, () => resolve());
    });
  }

  enqueue(...replies: readonly Reply[]): void {
    this.#queue.push(...replies);
  }

  always(reply: Reply): void {
    this.#responder = () => reply;
  }

  respond(responder: Responder): void {
    this.#responder = responder;
  }

  models(reply: Reply): void {
    this.#models = reply;
  }

  nextRequest(): Promise<ReceivedRequest> {
    const arrived = this.requests[this.#awaited++];
    if (arrived) return Promise.resolve(arrived);
    const waiting = deferred<ReceivedRequest>();
    this.#waiting.push(waiting);
    return waiting.promise;
  }

  idle(): Promise<void> {
    if (this.#open.size === 0) return Promise.resolve();
    this.#idle ??= deferred();
    return this.#idle.promise;
  }

  close(): Promise<void> {
    for (const waiting of this.#waiting.splice(0)) waiting.reject(new Error("the scripted upstream was closed"));
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      for (const connection of this.#open.values()) connection.destroy();
    });
  }

  #accept(socket: Socket): void {
    const connection = new Connection(socket, ++this.connections);
    this.#open.set(socket, connection);
    connection.onClose(() => {
      this.#open.delete(socket);
      if (this.#open.size > 0) return;
      this.#idle?.resolve();
      this.#idle = undefined;
    });
  }

  async #receive(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const connection = this.#open.get(incoming.socket);
    const body = await readBody(incoming);
    if (!body || !connection) return;
    const player = new Player(response, connection);
    const answered = deferred();
    const request = recordRequest(incoming, body, { player, connection, answered: answered.promise });
    this.requests.push(request);
    this.#waiting.shift()?.resolve(request);
    await player.play(await this.#replyTo(request));
    answered.resolve();
  }

  async #replyTo(request: ReceivedRequest): Promise<Reply> {
    if (request.method === "GET" && /\/models(?:\?|$)/.test(request.path)) return this.#models;
    try {
      return this.#queue.shift() ?? (await this.#responder(request));
    } catch (cause) {
      return error(500, { error: { message: `The script failed: ${String(cause)}` } });
    }
  }
}
