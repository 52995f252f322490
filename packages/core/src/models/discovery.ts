import type { Clock } from "../clock.js";
import type { Model } from "../schemas/model.js";
import type { Logger } from "../spec/logger.js";
import type { Provider } from "../spec/provider.js";
import { discoveredModels } from "./discovered.js";

/** What discovery works with. */
export interface DiscoveryInput {
  readonly providers: readonly Provider[];
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
  readonly #listing: readonly Provider[];
  readonly #found = new Map<string, readonly Model[]>();
  #stop: (() => void) | null = null;

  constructor(input: DiscoveryInput) {
    this.#input = input;
    this.#listing = input.providers.filter((provider) => provider.listModels);
  }

  /** Resolves after the first look, or after a moment where a provider does not answer. */
  async start(): Promise<void> {
    if (this.#listing.length === 0 || this.#stop) return;
    const { clock } = this.#input;
    this.#stop = clock.every(REFRESH_MS, () => void this.#lookEverywhere());
    await new Promise<void>((resolve) => {
      const cancel = clock.after(FIRST_LOOK_MS, resolve);
      void this.#lookEverywhere().then(() => {
        cancel();
        resolve();
      });
    });
  }

  stop(): void {
    this.#stop?.();
  }

  async #lookEverywhere(): Promise<void> {
    await Promise.all(this.#listing.map((provider) => this.#look(provider)));
  }

  /** A provider that does not answer keeps the models it had: its calls will say what is wrong. */
  async #look(provider: Provider): Promise<void> {
    const { publish, clock, logger } = this.#input;
    const giveUp = new AbortController();
    const cancel = clock.after(LOOK_MS, () => giveUp.abort(new Error("no answer in time")));
    try {
      const models = (await provider.listModels?.(giveUp.signal)) ?? [];
      const created = Math.floor(clock.now() / 1_000);
      this.#found.set(provider.name, discoveredModels(models, { provider: provider.name, created }));
      publish([...this.#found.values()].flat());
    } catch (error) {
      logger.warn({ provider: provider.name, err: error }, "could not list the provider's models");
    } finally {
      cancel();
    }
  }
}
