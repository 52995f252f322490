import type { Clock } from "../../clock.js";
import type { RedisLink } from "../../redis/redis-link.js";
import { ACQUIRE, RELEASE, RENEW } from "./seat-scripts.js";

/** A place that is taken until it is given back; giving it back twice changes nothing. */
export type GiveBack = () => void;

/** What {@link Concurrency} is made of. */
export interface ConcurrencyDeps {
  readonly clock: Clock;
  /** Where places are counted together with other instances; null for this process alone. */
  readonly link: RedisLink | null;
  /** How many instances there are: each has its share while Redis is away. */
  readonly instances: number;
}

/** How long the places of a process that was killed stay taken. */
const LEASE_MS = 30_000;
const RENEW_MS = 10_000;
const MICRO = 1_000;

/** Counts what runs at once under a key, in this process and, where there is a Redis, over all of them. */
export class Concurrency {
  readonly #deps: ConcurrencyDeps;
  /** What this process runs: its size counts here, its ids are renewed in Redis. */
  readonly #running = new Map<string, Set<string>>();
  #stop: (() => void) | null = null;

  constructor(deps: ConcurrencyDeps) {
    this.#deps = deps;
  }

  /** Things that run in this process. */
  get size(): number {
    let size = 0;
    for (const ids of this.#running.values()) size += ids.size;
    return size;
  }

  /** Takes a place; null when there is none. */
  async take(key: string, limit: number): Promise<GiveBack | null> {
    const { link, clock, instances } = this.#deps;
    const shared = link?.isUsable ? link : null;
    const most = link && !shared ? Math.ceil(limit / instances) : limit;
    const ids = this.#running.get(key) ?? new Set<string>();
    if (ids.size >= most) return null;
    const id = clock.id("");
    ids.add(id);
    this.#running.set(key, ids);
    const admitted = shared === null || (await acquired(shared, key, limit, id));
    if (!admitted) this.#forget(key, id);
    else if (shared) this.#stop ??= clock.every(RENEW_MS, () => this.#renew());
    return admitted ? () => this.#giveBack(key, id) : null;
  }

  close(): void {
    this.#stop?.();
    this.#stop = null;
  }

  #giveBack(key: string, id: string): void {
    if (!this.#forget(key, id)) return;
    const { link } = this.#deps;
    // What does not reach Redis ends there by itself.
    if (link?.isUsable) link.run(RELEASE, redisKey(key), [id]).catch(() => undefined);
  }

  #forget(key: string, id: string): boolean {
    const ids = this.#running.get(key);
    const known = ids?.delete(id) === true;
    if (ids?.size === 0) this.#running.delete(key);
    return known;
  }

  #renew(): void {
    const { link } = this.#deps;
    if (this.#running.size === 0) return this.close();
    if (!link?.isUsable) return;
    for (const [key, ids] of this.#running) {
      link.run(RENEW, redisKey(key), [LEASE_MS * MICRO, ...ids]).catch(() => undefined); // the next one comes in time
    }
  }
}

function redisKey(key: string): string {
  return `sluice:calls:{${key}}`;
}

/** Redis being away is no reason to refuse: this process has counted already. */
function acquired(link: RedisLink, key: string, limit: number, id: string): Promise<boolean> {
  return link.run(ACQUIRE, redisKey(key), [limit, LEASE_MS * MICRO, id]).then(
    (answer) => answer === 1,
    () => true,
  );
}
