import type { Clock } from "../clock.js";
import type { Model } from "../schemas/model.js";
import type { Logger } from "../spec/logger.js";
import type { Provider } from "../spec/provider.js";
import { discoveredModels } from "./discovered.js";

/** What discovery works with. */
export interface DiscoveryInput {
  /** Takes every model found, each time all of them. */
  readonly publish: (models: readonly Model[]) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

const FIRST_LOOK_MS = 1_500;
const LOOK_MS = 10_000;
const REFRESH_MS = 30_000;

/** Looks again and again which models the providers that list theirs have, such as a local server. */
export class Discovery {
  readonly #input: DiscoveryInput;
  #listing: readonly Provider[] = [];
  readonly #found = new Map<Provider, readonly Model[]>();
  #started = false;
  #stop: (() => void) | null = null;

  constructor(input: DiscoveryInput) {
    this.#input = input;
  }

  /** Follows these providers from now on; what others reported is forgotten. */
  follow(providers: readonly Provider[]): void {
    const known = new Set(this.#listing);
    this.#listing = providers.filter((provider) => provider.listModels);
    const gone = [...this.#found.keys()].filter((provider) => !this.#listing.includes(provider));
    for (const provider of gone) this.#found.delete(provider);
    if (gone.length > 0) this.#publish();
    if (this.#started) this.#begin(this.#listing.filter((provider) => !known.has(provider)));
  }

  /** Resolves after the first look, or after a moment where a provider does not answer. */
  async start(): Promise<void> {
    if (this.#started) return;
    this.#started = true;
    const looking = this.#begin(this.#listing);
    if (!looking) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#input.clock.after(FIRST_LOOK_MS, resolve);
      void looking.then(() => {
        cancel();
        resolve();
      });
    });
  }

  stop(): void {
    this.#stop?.();
  }

  /** Looks at these now, and at all of them again and again. */
  #begin(providers: readonly Provider[]): Promise<unknown> | null {
    if (providers.length === 0) return null;
    this.#stop ??= this.#input.clock.every(REFRESH_MS, () => void this.#look(this.#listing));
    return this.#look(providers);
  }

  #look(providers: readonly Provider[]): Promise<unknown> {
    return Promise.all(providers.map((provider) => this.#lookAt(provider)));
  }

  /** A provider that does not answer keeps the models it had: its calls will say what is wrong. */
  async #lookAt(provider: Provider): Promise<void> {
    const { clock, logger } = this.#input;
    const giveUp = new AbortController();
    const cancel = clock.after(LOOK_MS, () => giveUp.abort(new Error("no answer in time")));
    try {
      const models = (await provider.listModels?.(giveUp.signal)) ?? [];
      if (!this.#listing.includes(provider)) return; // replaced meanwhile
      const created = Math.floor(clock.now() / 1_000);
      this.#found.set(provider, discoveredModels(models, { provider: provider.name, created }));
      this.#publish();
    } catch (error) {
      if (!this.#listing.includes(provider)) return;
      logger.warn({ provider: provider.name, err: error }, "could not list the provider's models");
    } finally {
      cancel();
    }
  }

  #publish(): void {
    this.#input.publish([...this.#found.values()].flat());
  }
}
