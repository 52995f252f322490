import type { Clock } from "./clock.js";
import type { ProviderStatus } from "./http/services.js";
import { providerFactories } from "./providers/index.js";
import { makeProvider } from "./providers/internal/live/make-provider.js";
import type { HeldProvider } from "./providers/internal/live/provider-changes.js";
import type { ProviderOverlay, ProviderSource } from "./providers/internal/live/provider-overlay.js";
import type { ProviderLoad } from "./routing/provider-load.js";
import type { RestingModels } from "./routing/rest.js";
import { RetryBudget } from "./routing/retry-budget.js";
import { Slots } from "./routing/slots.js";
import type { Model } from "./schemas/model.js";
import type { GatewayConfig } from "./schemas/options.js";
import type { Provider } from "./spec/provider.js";

/** What providers are made from. */
export interface ProviderSources {
  readonly config: Pick<GatewayConfig, "providers" | "outboundProxy">;
  /** Providers the application brought itself, by name: nothing changes them. */
  readonly own: ReadonlyMap<string, Provider>;
  readonly overlay: ProviderOverlay;
  readonly clock: Clock;
}

/** What one name was made into. */
interface Made extends HeldProvider {
  readonly load: ProviderLoad;
  /** What it was made from, as text; itself where it is the application's own; null where that is not known. */
  readonly from: string | Provider | null;
}

/** Providers by name, as one configuration and the changes over it have them. */
export class ProviderSet {
  readonly sources: ProviderSources;
  readonly #made: ReadonlyMap<string, Made>;
  readonly #on: ReadonlyMap<string, Provider>;
  readonly #loads: ReadonlyMap<Provider, ProviderLoad>;

  constructor(made: ReadonlyMap<string, Made>, sources: ProviderSources) {
    this.#made = made;
    this.sources = sources;
    this.#on = new Map([...made].flatMap(([name, { provider }]) => (provider ? [[name, provider]] : [])));
    this.#loads = new Map([...made.values()].flatMap(({ provider, load }) => (provider ? [[provider, load]] : [])));
  }

  get(name: string): Provider | undefined {
    return this.#on.get(name);
  }

  /** Those that are on. */
  get all(): readonly Provider[] {
    return [...this.#on.values()];
  }

  /** Every name that was configured or made at run time, on or off. */
  get held(): ReadonlyMap<string, HeldProvider> {
    return this.#made;
  }

  /** Every name a model may give as its provider, configured or not. */
  get knownNames(): readonly string[] {
    return [...new Set([...Object.keys(providerFactories), ...this.#made.keys()])].sort();
  }

  /** How much is in use of one of these. */
  loadOf(provider: Provider): ProviderLoad {
    return this.#loads.get(provider) as ProviderLoad; // a target's provider is one of these
  }

  /** What was made of a name from this very configuration, or of this very provider. */
  made(name: string, from: string | Provider): Made | undefined {
    const made = this.#made.get(name);
    return made?.from === from ? made : undefined;
  }

  /** Whether another set has the same providers, and says the same of them. */
  equals(other: ProviderSet): boolean {
    const names = new Set([...this.#made.keys(), ...other.#made.keys()]);
    return [...names].every((name) => {
      const [one, two] = [this.#made.get(name), other.#made.get(name)];
      if (!one || !two || one.provider !== two.provider || one.problem !== two.problem) return false;
      return one.stored?.changedAt === two.stored?.changedAt;
    });
  }

  isReal(name: string): boolean {
    const provider = this.get(name);
    return provider !== undefined && !provider.simulated;
  }

  /** The simulator shows only where it serves: nothing real is on, or somebody asked for it. */
  statuses(models: readonly Model[], resting: RestingModels): readonly ProviderStatus[] {
    const real = this.all.some((provider) => !provider.simulated);
    const failing = failingOf(models, resting);
    return [...this.#on]
      .filter(([name, { simulated }]) => !simulated || !real || this.#isExplicit(name))
      .map(([name, { simulated = false }]) => ({ name, simulated, healthy: !failing.has(name) }));
  }

  #isExplicit(name: string): boolean {
    const { config, own } = this.sources;
    return Object.hasOwn(config.providers, name) || own.has(name) || this.#made.get(name)?.stored != null;
  }
}

/** Names of the providers of whose models one rests after failures. */
export function failingOf(models: readonly Model[], resting: RestingModels): ReadonlySet<string> {
  return new Set(models.filter(({ id }) => resting.isOpen(id)).map(({ provider }) => provider));
}

/**
 * The configured providers, those made at run time, and the simulator, which is always there to be named. One whose
 * configuration is what it was stays the same, with its connections and whoever waits for its slots.
 * @throws TypeError naming an option
 */
export function buildProviders(sources: ProviderSources, before: ProviderSet | null = null): ProviderSet {
  const { config, own, overlay } = sources;
  const made = new Map<string, Made>();
  for (const [name, source] of overlay.over(config.providers)) {
    if (!own.has(name)) made.set(name, madeOf(name, source, sources, before));
  }
  for (const [name, provider] of own) {
    const load = before?.made(name, provider)?.load ?? newLoad(provider);
    made.set(name, { provider, problem: null, config: null, stored: null, load, from: provider });
  }
  return new ProviderSet(made, sources);
}

function madeOf(name: string, source: ProviderSource, sources: ProviderSources, before: ProviderSet | null): Made {
  const { config, stored } = source;
  if (config === null) return { ...source, provider: null, load: newLoad(null), from: null };
  const { outboundProxy } = sources.config;
  const from = JSON.stringify([config, outboundProxy]);
  const same = before?.made(name, from);
  if (same) return { ...same, stored };
  try {
    const provider = makeProvider(name, config, { clock: sources.clock, outboundProxy });
    const problem = provider ? null : "it has no apiKey, or no baseUrl where its type has none";
    return { provider, problem, config, stored, load: newLoad(provider), from };
  } catch (error) {
    if (!stored || !(error instanceof TypeError)) throw error;
    return { provider: null, problem: error.message, config, stored, load: newLoad(null), from: null };
  }
}

function newLoad(provider: Provider | null): ProviderLoad {
  const { concurrency } = provider ?? {};
  return { slots: concurrency ? new Slots(concurrency) : undefined, retries: new RetryBudget() };
}
