import type { Clock } from "../../clock.js";
import type { Logger } from "../../spec/logger.js";
import type { ChangeNotice } from "../../spec/store.js";
import type { ListeningClient } from "./open-postgres.js";

/** The channel on which writers tell what they changed. */
export const CHANNEL = "sluice_changes";

/** Notices can be lost without a sign, so revisions are looked up this often besides. */
const POLL_MS = 2_000;
const FIRST_RETRY_MS = 50;
const MAX_RETRY_MS = 1_000;

/** What a {@link PostgresFollower} works with. */
export interface FollowerInput {
  /** A new connection, not yet connected, to a database that has its tables. */
  readonly newClient: () => Promise<ListeningClient>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Learns what other instances change, over one connection of its own: by notice at once, by looking every two seconds,
 * and by looking after each new connection. It never gives up, and keeps no process alive.
 */
export class PostgresFollower {
  readonly #input: FollowerInput;
  readonly #listeners = new Set<ChangeNotice>();
  #leaving: AbortController | null = null;
  #running: Promise<void> = Promise.resolve();

  constructor(input: FollowerInput) {
    this.#input = input;
  }

  /** Calls `onChange` with each revision it hears of, until the returned function is called. */
  follow(onChange: ChangeNotice): () => void {
    const listener: ChangeNotice = (kind, revision) => onChange(kind, revision); // the same function may come twice
    this.#listeners.add(listener);
    if (!this.#leaving) {
      this.#leaving = new AbortController();
      this.#running = this.#run(this.#leaving.signal);
    }
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#leave();
    };
  }

  /** Ends the connection. */
  async close(): Promise<void> {
    this.#leave();
    await this.#running;
  }

  #leave(): void {
    this.#leaving?.abort();
    this.#leaving = null;
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { logger } = this.#input;
    let failures = 0;
    while (!signal.aborted) {
      try {
        await this.#session(signal, () => {
          if (failures > 1) logger.info({}, "Postgres answers again");
          failures = 0;
        });
      } catch (error) {
        // A connection that breaks once comes back at once; more than that is news.
        if (++failures === 2) logger.warn({ err: error }, "Postgres does not answer; changes of others wait");
      }
      await this.#pause(Math.min(FIRST_RETRY_MS * 2 ** failures, MAX_RETRY_MS), signal);
    }
  }

  /** One connection, until it breaks or the signal aborts. */
  async #session(signal: AbortSignal, onAnswer: () => void): Promise<void> {
    const client = await this.#input.newClient();
    const ended = new Promise<never>((_resolve, reject) => {
      client.on("error", reject); // always, because an error that nobody listens for ends the process, and one end has several
      client.once("end", () => reject(new Error("the connection ended")));
    });
    ended.catch(() => {}); // it may break while nobody waits for it
    try {
      await client.connect();
      client.unref();
      client.on("notification", ({ payload }) => this.#hear(payload));
      await client.query(`listen ${CHANNEL}`);
      while (!signal.aborted) {
        await this.#look(client);
        onAnswer();
        await Promise.race([this.#pause(POLL_MS, signal), ended]);
      }
    } finally {
      client.end().catch(() => {});
    }
  }

  async #look(client: ListeningClient): Promise<void> {
    const { rows } = await client.query<{ name: string; revision: string }>(
      "select name, revision from sluice_revisions",
    );
    for (const { name, revision } of rows) this.#tell(name, Number(revision));
  }

  #hear(payload = ""): void {
    const end = payload.indexOf(" ");
    const revision = Number(payload.slice(0, end));
    if (end > 0 && Number.isSafeInteger(revision)) this.#tell(payload.slice(end + 1), revision);
  }

  #tell(kind: string, revision: number): void {
    for (const listener of this.#listeners) listener(kind, revision);
  }

  #pause(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const stop = this.#input.clock.every(ms, done); // `every`, because it keeps no process alive
      signal.addEventListener("abort", done, { once: true });
      function done(): void {
        stop();
        signal.removeEventListener("abort", done);
        resolve();
      }
    });
  }
}

/** What a writer sends with a notice. */
export function noticeOf(kind: string, revision: number): string {
  return `${revision} ${kind}`;
}
