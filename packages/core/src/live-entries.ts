import { GatewayError, isGatewayError } from "./errors.js";
import type { Entries, EntryKind, EntryStore, Store } from "./spec/store.js";

/** Options of {@link LiveEntries}. */
export interface LiveEntriesOptions<Entry extends object> {
  readonly store: Pick<Store, "name" | "entries" | "subscribe" | "announce">;
  readonly kind: EntryKind<Entry>;
  /** Called after each swap, for whoever builds an index of the entries. */
  readonly onSwap?: ((entries: ReadonlyMap<string, Entry | null>) => void) | undefined;
  /** Takes a reload that failed; the next notice brings the next try. @defaultValue nobody is told */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/**
 * The entries of one kind as this instance knows them. Reading is synchronous and from memory, so a store that is
 * slow or dead delays no request; writing goes through to the store; what other instances write arrives by notice.
 */
export class LiveEntries<Entry extends object> {
  readonly #options: LiveEntriesOptions<Entry>;
  readonly #store: EntryStore<Entry>;
  #held: Entries<Entry> = { revision: -1, entries: new Map() };
  /** The newest revision heard of. */
  #announced = -1;
  #catchingUp: Promise<void> | null = null;
  #unsubscribe: (() => void) | undefined;

  constructor(options: LiveEntriesOptions<Entry>) {
    this.#options = options;
    this.#store = options.store.entries(options.kind);
  }

  /** Every entry and tombstone by id, unchanging: the next state is another map. The entries are frozen. */
  get entries(): ReadonlyMap<string, Entry | null> {
    return this.#held.entries;
  }

  /**
   * Loads the entries and follows the changes of other instances until `close`. Safe to call again.
   * @throws GatewayError `store_unavailable`; what is held stays as it was
   */
  async open(): Promise<void> {
    this.#unsubscribe ??= this.#options.store.subscribe?.((kind, revision) => this.#hear(kind, revision));
    await this.load();
  }

  /** Follows no longer; what is held stays. */
  close(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
  }

  /**
   * Reads what the store holds now. Safe to call at any time.
   * @throws GatewayError `store_unavailable`; what is held stays as it was
   */
  async load(): Promise<void> {
    const held = await this.#fromStore(() => this.#store.load());
    // A read that began earlier and ends later must not bring the past back.
    if (held.revision > this.#held.revision) this.#swap(held);
  }

  /** @throws GatewayError `conflict`, `store_unavailable` */
  async create(id: string, entry: Entry): Promise<void> {
    await this.#fromStore(() => this.#store.create(id, entry));
    await this.#readBack(id, entry);
  }

  /**
   * Decides on the entry the store holds now, which may be newer than what is held here; see `EntryStore.update`.
   * @throws GatewayError `store_unavailable`, and whatever `change` throws
   */
  async update<Next extends Entry | null | undefined>(
    id: string,
    change: (current: Entry | null | undefined) => Next,
  ): Promise<Next> {
    const next = await this.#fromStore(() => this.#store.update(id, change));
    await this.#readBack(id, next);
    return next;
  }

  /** Forgets every entry. @throws GatewayError `store_unavailable` */
  async reset(): Promise<void> {
    await this.#fromStore(() => this.#store.reset());
    await this.load().catch(() => this.#swap({ revision: -1, entries: new Map() }));
    this.#announce();
  }

  #hear(kind: string, revision: number): void {
    if (kind !== this.#options.kind.name || revision <= this.#held.revision) return;
    this.#announced = Math.max(this.#announced, revision);
    this.#catchingUp ??= this.#catchUp().finally(() => {
      this.#catchingUp = null;
    });
  }

  /** One read at a time, however many notices come; one more when news came while it ran. */
  async #catchUp(): Promise<void> {
    try {
      for (let goal = -1; goal < this.#announced; ) {
        goal = this.#announced;
        await this.load();
      }
    } catch (error) {
      this.#options.onError?.(error);
    }
  }

  /**
   * A write is durable once the store has taken it. If it cannot be read back, it is shown all the same; revision -1
   * lets the next load, whatever its revision, replace this.
   */
  async #readBack(id: string, next: Entry | null | undefined): Promise<void> {
    await this.load().catch(() => {
      const entries = new Map(this.#held.entries);
      if (next === undefined) entries.delete(id);
      else entries.set(id, next);
      this.#swap({ revision: -1, entries });
    });
    this.#announce();
  }

  #announce(): void {
    const { store, kind } = this.#options;
    if (this.#held.revision >= 0) store.announce?.(kind.name, this.#held.revision);
  }

  #swap(held: Entries<Entry>): void {
    for (const entry of held.entries.values()) freeze(entry);
    this.#held = held;
    this.#options.onSwap?.(held.entries);
  }

  async #fromStore<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (cause) {
      if (isGatewayError(cause)) throw cause;
      throw new GatewayError("store_unavailable", { details: `the ${this.#options.store.name} store failed`, cause });
    }
  }
}

function freeze(value: unknown): void {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const inner of Object.values(value)) freeze(inner);
}
