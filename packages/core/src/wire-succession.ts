import type { Provider } from "./spec/provider.js";
import type { Generation } from "./wire-generation.js";

/** The generation that new requests begin with, and those before it whose calls still run. */
export class Succession {
  #current: Generation;
  readonly #before = new Set<Generation>();

  constructor(first: Generation) {
    this.#current = first;
  }

  get current(): Generation {
    return this.#current;
  }

  /** Calls that run now. */
  get running(): number {
    let running = this.#current.calls.size;
    if (this.#before.size === 0) return running; // almost always, and every call asks
    for (const { calls } of this.#before) running += calls.size;
    return running;
  }

  /** What only the one before has goes once its last call has ended. */
  replace(next: Generation): void {
    const before = this.#current;
    this.#current = next;
    this.#before.add(before);
    const close = () => {
      this.#before.delete(before);
      return this.#close(before.providers.all.filter((provider) => !this.#isUsed(provider)));
    };
    before.calls
      .idle()
      .then(close)
      .catch(() => undefined); // nobody waits for it, and nobody needs them any more
  }

  /** Resolves once no call of any generation runs. */
  async idle(): Promise<void> {
    await Promise.all([...this.#before, this.#current].map(({ calls }) => calls.idle()));
  }

  /** Ends every call that still runs. */
  stopAll(): void {
    for (const { calls } of [...this.#before, this.#current]) calls.stopAll();
  }

  /** Closes the providers, when no call runs any more. */
  async close(): Promise<void> {
    await this.#close(this.#current.providers.all);
  }

  #isUsed(provider: Provider): boolean {
    return [...this.#before, this.#current].some(({ providers }) => providers.all.includes(provider));
  }

  async #close(providers: readonly Provider[]): Promise<void> {
    await Promise.all(providers.map((provider) => provider.close?.()));
  }
}
