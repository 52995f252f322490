import type { Clock } from "../clock.js";
import { LiveEntries, type LiveEntriesOptions } from "../live-entries.js";
import { KEY_USES, type KeyUse } from "../schemas/api-key.js";

/** What {@link KeyUses} works with. */
export interface KeyUsesOptions {
  readonly store: LiveEntriesOptions<KeyUse>["store"];
  readonly clock: Clock;
  /** When each key was last used here, by id, milliseconds since the epoch; 0 for never. */
  readonly here: () => Iterable<readonly [id: string, at: number]>;
  readonly onError: (error: unknown) => void;
}

/** What is kept is no older than this. */
const RESOLUTION_MS = 5 * 60_000;
const LOOK_EVERY_MS = 60_000;

/** Keeps when each key was last used, every few minutes and all at once: no request waits for it. */
export class KeyUses {
  readonly #options: KeyUsesOptions;
  readonly #kept: LiveEntries<KeyUse>;
  #stop: (() => void) | null = null;
  #keeping: Promise<void> | null = null;

  constructor(options: KeyUsesOptions) {
    const { store, onError } = options;
    this.#options = options;
    this.#kept = new LiveEntries({ store, kind: KEY_USES, onError });
  }

  /** A store that does not tell them costs nothing: what is used from now on is known all the same. */
  async open(): Promise<void> {
    await this.#kept.open().catch(this.#options.onError);
    this.#stop ??= this.#options.clock.every(LOOK_EVERY_MS, () => void this.#keep(RESOLUTION_MS));
  }

  close(): void {
    this.#stop?.();
    this.#stop = null;
    this.#kept.close();
  }

  /** When a key was last used anywhere, milliseconds since the epoch; 0 for never, as far as is known. */
  last(id: string, here: number): number {
    return Math.max(here, Date.parse(this.#kept.entries.get(id)?.at ?? "") || 0);
  }

  /** Keeps what is not kept yet. Failures are reported, and tried again later. */
  flush(): Promise<void> {
    return this.#keep(1);
  }

  /** Forgets a key that is gone. */
  async forget(id: string): Promise<void> {
    if (this.#kept.entries.has(id)) await this.#kept.update(id, () => undefined).catch(this.#options.onError);
  }

  #keep(newerByMs: number): Promise<void> {
    this.#keeping ??= this.#write(newerByMs).finally(() => {
      this.#keeping = null;
    });
    return this.#keeping;
  }

  /** Those that are `newerByMs` newer than what is kept. */
  async #write(newerByMs: number): Promise<void> {
    const { here, store, onError } = this.#options;
    const news = [...here()].filter(([id, at]) => at > 0 && at - this.last(id, 0) >= newerByMs);
    if (news.length === 0) return;
    const uses = store.entries(KEY_USES);
    const writes = news.map(([id, at]) => {
      const use = { id, at: new Date(at).toISOString() };
      return uses.update(id, (kept) => (kept && kept.at > use.at ? kept : use));
    });
    // Read back once for all of them.
    const outcomes = await Promise.allSettled([...writes, Promise.allSettled(writes).then(() => this.#kept.load())]);
    const failed = outcomes.find((each) => each.status === "rejected");
    if (failed) onError(failed.reason);
  }
}
