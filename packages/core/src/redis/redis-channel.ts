import type { Clock } from "../clock.js";
import type { Logger } from "../spec/logger.js";
import { connectTo, type RedisClient } from "./connect.js";
import type { RedisLink } from "./redis-link.js";

/** What a {@link RedisChannel} is made of. */
export interface RedisChannelDeps {
  /** Makes the client that listens, when the channel is opened: one that listens can do nothing else. */
  readonly connect: () => RedisClient;
  /** What is said goes out through it. */
  readonly link: RedisLink;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Takes what somebody said, this process among them. */
export type Listener = (text: string) => void;

const NAME = "sluice:notices";
/**
 * How often it asks to be told, also when it is: a connection that is dead without a sign is noticed by the answer that
 * does not come, and a cluster may not have been ready for the first time.
 */
const ASK_EVERY_MS = 1_000;

/** What the instances on one Redis tell each other at once. Nobody waits for it, and what is said while Redis is away is lost. */
export class RedisChannel {
  readonly #deps: RedisChannelDeps;
  readonly #listeners = new Set<Listener>();
  #client: RedisClient | null = null;
  #stop: (() => void) | null = null;

  constructor(deps: RedisChannelDeps) {
    this.#deps = deps;
  }

  /** Begins to listen, now or as soon as there is a Redis. @throws GatewayError `not_installed` */
  open(): void {
    if (this.#client) return;
    const { connect, clock } = this.#deps;
    const client = connect();
    this.#client = client;
    client.on("error", (error: Error) => this.#quietly(error));
    const ask = () => void client.subscribe(NAME).catch((error: unknown) => this.#quietly(error));
    client.on("ready", ask);
    client.on("message", (_name: string, text: string) => this.#tell(text));
    connectTo(client).catch((error: unknown) => this.#quietly(error)); // tried again for ever
    this.#stop = clock.every(ASK_EVERY_MS, ask);
  }

  /** Calls `listener` with everything that is said, until the returned function is called. */
  listen(listener: Listener): () => void {
    const own: Listener = (text) => listener(text); // the same function may come twice
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  /** Says something to every instance. */
  say(text: string): void {
    const { link } = this.#deps;
    if (link.isUsable) link.publish(NAME, text).catch((error: unknown) => this.#quietly(error));
  }

  close(): void {
    this.#stop?.();
    this.#client?.disconnect();
    this.#client = null;
  }

  #tell(text: string): void {
    for (const listener of this.#listeners) listener(text);
  }

  #quietly(error: unknown): void {
    this.#deps.logger.debug({ err: error }, "the channel to other instances");
  }
}
