import type { Clock } from "../../clock.js";

interface Key {
  readonly secret: string;
  restsUntil: number;
}

/** The API keys of one provider, used in turn; a key the provider refused rests for a while. */
export class KeyPool {
  readonly #keys: readonly Key[];
  readonly #clock: Clock;
  #next = 0;

  constructor(secrets: readonly string[], clock: Clock) {
    this.#keys = secrets.map((secret) => ({ secret, restsUntil: 0 }));
    this.#clock = clock;
  }

  /** The next key that does not rest, else the one that rests the shortest; null for a provider without keys. */
  take(): string | null {
    const count = this.#keys.length;
    if (count <= 1) return this.#keys[0]?.secret ?? null;
    const now = this.#clock.monotonic();
    let soonest: Key | undefined;
    for (let step = 0; step < count; step++) {
      const index = (this.#next + step) % count;
      const key = this.#keys[index] as Key; // index < count
      if (key.restsUntil <= now) {
        this.#next = index + 1;
        return key.secret;
      }
      if (!soonest || key.restsUntil < soonest.restsUntil) soonest = key;
    }
    return soonest?.secret ?? null;
  }

  /** Lets a key rest for `ms` milliseconds. */
  rest(secret: string, ms: number): void {
    const key = this.#keys.find((candidate) => candidate.secret === secret);
    if (key) key.restsUntil = Math.max(key.restsUntil, this.#clock.monotonic() + ms);
  }

  /** Whether a key is left that does not rest; always false for a pool of one, which has no other. */
  get hasSpare(): boolean {
    if (this.#keys.length <= 1) return false;
    const now = this.#clock.monotonic();
    return this.#keys.some((key) => key.restsUntil <= now);
  }
}

/** The keys of a configuration entry, empty ones left out. */
export function keysOf(apiKey: string | readonly string[] | null | undefined): readonly string[] {
  const list = typeof apiKey === "string" ? [apiKey] : (apiKey ?? []);
  return list.filter((key) => key !== "");
}
