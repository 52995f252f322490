import { createHash } from "node:crypto";
import type { Clock } from "../clock.js";
import type { Logger } from "../spec/logger.js";
import { Breaker } from "./breaker.js";
import { connectTo, type RedisClient } from "./connect.js";

/** What a {@link RedisLink} is made of. */
export interface RedisLinkDeps {
  /** Makes the client, when the link is opened. */
  readonly connect: () => RedisClient;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A script, and the digest Redis knows it by. */
export interface Script {
  readonly lua: string;
  readonly sha: string;
}

/** Prepares a script. */
export function script(lua: string): Script {
  return { lua, sha: createHash("sha1").update(lua).digest("hex") };
}

/** No answer of Redis is waited for longer. */
const DEADLINE_MS = 100;
/** How long a start waits for the first connection; without one it goes on. */
const FIRST_CONNECTION_MS = 1_000;

/** A Redis that may be away: nothing waits for it longer than a tenth of a second, and nothing asks it while it keeps failing. */
export class RedisLink {
  readonly #deps: RedisLinkDeps;
  readonly #breaker: Breaker;
  #client: RedisClient | null = null;

  constructor(deps: RedisLinkDeps) {
    this.#deps = deps;
    this.#breaker = new Breaker(deps.clock);
  }

  /** Connects. Resolves without a connection where there is none to be had: it is tried again for ever. @throws GatewayError `not_installed` */
  async open(): Promise<void> {
    if (this.#client) return;
    const client = this.#deps.connect();
    this.#client = client;
    client.on("error", (error: Error) => this.#deps.logger.debug({ err: error }, "Redis connection"));
    await this.#within(FIRST_CONNECTION_MS, connectTo(client)).catch((error: unknown) => this.#failed(error));
  }

  /** Whether asking makes sense now. While it does not, a probe is sent now and then, which nobody waits for. */
  get isUsable(): boolean {
    if (this.#client === null) return false;
    if (this.#breaker.isClosed) return true;
    if (this.#breaker.takeProbe()) void this.answers();
    return false;
  }

  /** Whether Redis answers within the deadline. */
  async answers(): Promise<boolean> {
    const client = this.#client;
    if (client === null) return false;
    return this.#run(() => client.ping()).then(
      () => true,
      () => false,
    );
  }

  /**
   * Runs a script on one key, or on several that a cluster keeps together. Rejects when Redis fails or is too slow; the
   * script may have run nevertheless.
   */
  run({ sha, lua }: Script, key: string | readonly string[], values: readonly (string | number)[]): Promise<unknown> {
    const client = this.#client;
    if (client === null) return Promise.reject(new Error("Redis is not open"));
    const keys = typeof key === "string" ? [key] : key;
    return this.#run(() =>
      client.evalsha(sha, keys.length, ...keys, ...values).catch((error: unknown) => {
        if (!String(error).includes("NOSCRIPT")) throw error;
        return client.eval(lua, keys.length, ...keys, ...values); // knows it by its digest from now on
      }),
    );
  }

  /** Says something on a channel. Rejects when Redis fails or is too slow. */
  publish(channel: string, text: string): Promise<unknown> {
    const client = this.#client;
    if (client === null) return Promise.reject(new Error("Redis is not open"));
    return this.#run(() => client.publish(channel, text));
  }

  close(): void {
    this.#client?.disconnect();
    this.#client = null;
  }

  async #run<Result>(command: () => Promise<Result>): Promise<Result> {
    try {
      const result = await this.#within(DEADLINE_MS, command());
      if (this.#breaker.succeeded()) this.#deps.logger.info({ event: "redis-back" }, "Redis answers again");
      return result;
    } catch (error) {
      this.#failed(error);
      throw error;
    }
  }

  #failed(error: unknown): void {
    if (!this.#breaker.failed()) return;
    const message = "Redis does not answer; each instance counts for itself until it does";
    this.#deps.logger.warn({ event: "redis-away", err: error }, message);
  }

  #within<Result>(ms: number, work: Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      const { clock } = this.#deps;
      const expire = () => reject(new Error(`no answer within ${ms} ms`));
      // An answer that lies in the socket of a busy process is not late: it is read before the second timer fires.
      let cancel = clock.after(ms, () => {
        cancel = clock.after(0, expire);
      });
      work.then(resolve, reject).finally(() => cancel());
    });
  }
}
