import type { Clock } from "./clock.js";
import type { ProviderStatus } from "./http/services.js";
import { providerFactories } from "./providers/index.js";
import type { RestingModels } from "./routing/rest.js";
import { Slots } from "./routing/slots.js";
import type { Model } from "./schemas/model.js";
import type { GatewayConfig, ProviderConfig } from "./schemas/options.js";
import type { Provider } from "./spec/provider.js";

/** What one provider was made into. */
interface Made {
  readonly provider: Provider;
  /** Undefined for one without a limit. */
  readonly slots: Slots | undefined;
  /** Its configuration as text; null for the application's own. */
  readonly from: string | null;
}

/** Providers by name, as one configuration has them. */
export class ProviderSet {
  readonly #made: ReadonlyMap<string, Made>;
  readonly #slots: ReadonlyMap<Provider, Slots>;
  readonly #explicit: ReadonlySet<string>;

  /** @param explicit - those that somebody asked for */
  constructor(made: ReadonlyMap<string, Made>, explicit: ReadonlySet<string>) {
    this.#made = made;
    this.#explicit = explicit;
    const limited = [...made.values()].flatMap(({ provider, slots }) => (slots ? [[provider, slots] as const] : []));
    this.#slots = new Map(limited);
  }

  get(name: string): Provider | undefined {
    return this.#made.get(name)?.provider;
  }

  get all(): readonly Provider[] {
    return [...this.#made.values()].map(({ provider }) => provider);
  }

  /** Every name a model may give as its provider, configured or not. */
  get knownNames(): readonly string[] {
    return [...new Set([...Object.keys(providerFactories), ...this.#made.keys()])].sort();
  }

  /** The provider's slots; undefined for one without a limit. */
  slotsOf(provider: Provider): Slots | undefined {
    return this.#slots.get(provider);
  }

  /** What was made of a name from this very configuration. */
  madeFrom(name: string, from: string): Made | undefined {
    const made = this.#made.get(name);
    return made?.from === from ? made : undefined;
  }

  isReal(name: string): boolean {
    const provider = this.get(name);
    return provider !== undefined && !provider.simulated;
  }

  /** The simulator shows only where it serves: nothing real is configured, or somebody asked for it. */
  statuses(models: readonly Model[], resting: RestingModels): readonly ProviderStatus[] {
    const real = this.all.some((provider) => !provider.simulated);
    const failing = new Set(models.filter(({ id }) => resting.isOpen(id)).map(({ provider }) => provider));
    return [...this.#made]
      .filter(([name, { provider }]) => !provider.simulated || !real || this.#explicit.has(name))
      .map(([name, { provider }]) => ({ name, simulated: provider.simulated === true, healthy: !failing.has(name) }));
  }
}

/**
 * The configured providers, and the simulator, which is always there to be named. One whose configuration is what it was
 * stays the same, with its connections and whoever waits for its slots.
 * @throws TypeError naming an option
 */
export function buildProviders(
  config: GatewayConfig,
  own: ReadonlyMap<string, Provider>,
  clock: Clock,
  before: ProviderSet | null = null,
): ProviderSet {
  const { outboundProxy } = config;
  const made = new Map<string, Made>();
  for (const [name, entry] of Object.entries<ProviderConfig>({ simulator: {}, ...config.providers })) {
    const from = JSON.stringify([entry, outboundProxy]);
    const one =
      before?.madeFrom(name, from) ?? madeOf(factoryOf(name, entry)(name, entry, { clock, outboundProxy }), from);
    if (one) made.set(name, one);
  }
  for (const [name, provider] of own) made.set(name, { provider, slots: slotsFor(provider), from: null });
  return new ProviderSet(made, new Set([...Object.keys(config.providers), ...own.keys()]));
}

function factoryOf(name: string, { type = name }: ProviderConfig) {
  if (Object.hasOwn(providerFactories, type)) return providerFactories[type as keyof typeof providerFactories]; // just checked
  const known = Object.keys(providerFactories).join(", ");
  throw new TypeError(`Gateway options: providers.${name}.type must be one of ${known}`);
}

function madeOf(provider: Provider | null, from: string): Made | null {
  return provider && { provider, slots: slotsFor(provider), from };
}

function slotsFor({ concurrency }: Provider): Slots | undefined {
  return concurrency ? new Slots(concurrency) : undefined;
}
