import type { Clock } from "../clock.js";
import type { Logger } from "../spec/logger.js";
import { connectTo, type RedisClient } from "./connect.js";

/** What a {@link RedisMailbox} is made of. */
export interface RedisMailboxDeps {
  /** Makes a client: one listens, and can do nothing else; one posts. */
  readonly connect: () => RedisClient;
  /** Whose mailbox it is. */
  readonly name: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How often it asks to be told again: a dead connection is noticed by the answer that does not come. */
const ASK_EVERY_MS = 1_000;
const CHANNEL = "sluice:mail:";

/** Messages from one instance to another. What is posted while Redis is away, or to nobody, is lost. */
export class RedisMailbox {
  readonly #deps: RedisMailboxDeps;
  #reader: RedisClient | null = null;
  #writer: RedisClient | null = null;
  #stop: (() => void) | null = null;

  constructor(deps: RedisMailboxDeps) {
    this.#deps = deps;
  }

  /** Begins to listen. Resolves when it hears, or cannot for now. @throws GatewayError `not_installed` */
  async open(listener: (text: string) => void): Promise<void> {
    const { connect, name, clock } = this.#deps;
    const [reader, writer] = [connect(), connect()];
    this.#reader = reader;
    this.#writer = writer;
    for (const client of [reader, writer]) client.on("error", (error: Error) => this.#quietly(error));
    const ask = () => reader.subscribe(CHANNEL + name).catch((error: unknown) => this.#quietly(error));
    reader.on("message", (_channel: string, text: string) => listener(text));
    reader.on("ready", () => void ask());
    this.#stop = clock.every(ASK_EVERY_MS, () => void ask());
    await Promise.all([reader, writer].map((client) => connectTo(client).catch((error) => this.#quietly(error))));
    await ask();
  }

  /** Posts a message. Over a cluster a later one may overtake it. Rejects when Redis does not take it. */
  async post(to: string, text: string): Promise<void> {
    if (this.#writer === null) throw new Error("the mailbox is closed");
    await this.#writer.publish(CHANNEL + to, text);
  }

  close(): void {
    this.#stop?.();
    this.#reader?.disconnect();
    this.#writer?.disconnect();
    this.#reader = null;
    this.#writer = null;
  }

  #quietly(error: unknown): void {
    this.#deps.logger.debug({ err: error }, "the mailbox of this instance");
  }
}
