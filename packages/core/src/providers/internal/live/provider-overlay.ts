import { GatewayError, isGatewayError } from "../../../errors.js";
import { LiveEntries, type LiveEntriesOptions } from "../../../live-entries.js";
import type { ProviderConfig } from "../../../schemas/options/provider-config.js";
import { PROVIDERS, ProviderSecrets, type StoredProvider } from "../../../schemas/provider.js";
import type { Sealer } from "../../../secrets/sealer.js";

/** What {@link ProviderOverlay} is made of. */
export interface ProviderOverlayDeps {
  readonly store: LiveEntriesOptions<StoredProvider>["store"];
  readonly sealer: Sealer;
  /** Called when any of it changed, here or on another instance. */
  readonly onChange: () => void;
  readonly onError: (error: unknown) => void;
}

/** What a provider is to be made from. */
export interface ProviderSource {
  /** Secrets and all; null where it cannot be known. */
  readonly config: ProviderConfig | null;
  /** Why it cannot be known. */
  readonly problem: string | null;
  /** What was changed at run time; null where nothing was. */
  readonly stored: StoredProvider | null;
}

/** Always there to be named. */
const BUILT_IN: Readonly<Record<string, ProviderConfig>> = { simulator: {} };

/** What was changed of the providers at run time, over what the configuration says of them. */
export class ProviderOverlay {
  readonly #deps: ProviderOverlayDeps;
  /** By id; null where one was taken away that the configuration has. */
  readonly changes: LiveEntries<StoredProvider>;

  constructor(deps: ProviderOverlayDeps) {
    const { store, onChange, onError } = deps;
    this.#deps = deps;
    this.changes = new LiveEntries({ store, kind: PROVIDERS, onSwap: onChange, onError });
  }

  /** Every provider that is to be made, by name: those of the configuration first. */
  over(configured: Readonly<Record<string, ProviderConfig>>): ReadonlyMap<string, ProviderSource> {
    const seeds = seedsOf(configured);
    const names = new Set([...Object.keys(seeds), ...this.changes.entries.keys()]);
    const sources = [...names].map((name) => [name, this.#source(name, seeds)] as const);
    return new Map(sources.filter((each): each is [string, ProviderSource] => each[1] !== null));
  }

  /**
   * What a stored change comes to.
   * @param seed - what the configuration says of it; undefined for nothing
   * @throws GatewayError `not_configured`, `store_unavailable` where its secrets do not open
   */
  effective(stored: StoredProvider, seed: ProviderConfig | undefined): ProviderConfig {
    const base = stored.type === null ? seed : { type: stored.type };
    if (!base) throw new GatewayError("not_configured", { details: "the configuration has it no more" });
    return laidOver(base, { ...stored.settings, ...this.secretsOf(stored) });
  }

  /** @throws GatewayError `not_configured`, `store_unavailable` */
  secretsOf({ id, sealed }: StoredProvider): ProviderSecrets {
    return sealed === null ? {} : ProviderSecrets.parse(this.#deps.sealer.open(sealed, { kind: PROVIDERS.name, id }));
  }

  /** @throws GatewayError `not_configured`, `store_unavailable` where the secrets of one do not open */
  assertReadable(): void {
    for (const stored of this.changes.entries.values()) if (stored) this.secretsOf(stored);
  }

  #source(name: string, seeds: Readonly<Record<string, ProviderConfig>>): ProviderSource | null {
    const stored = this.changes.entries.get(name);
    const seed = seeds[name];
    if (stored === null || (stored === undefined && seed === undefined)) return null;
    if (stored === undefined) return { config: seed ?? null, problem: null, stored: null };
    try {
      return { config: this.effective(stored, seed), problem: null, stored };
    } catch (error) {
      this.#deps.onError(error);
      return {
        config: null,
        problem: isGatewayError(error) ? (error.details ?? error.message) : String(error),
        stored,
      };
    }
  }
}

/** What the configuration says, and what is there without it. */
export function seedsOf(
  configured: Readonly<Record<string, ProviderConfig>>,
): Readonly<Record<string, ProviderConfig>> {
  return Object.assign(Object.create(null), BUILT_IN, configured) as Readonly<Record<string, ProviderConfig>>;
}

/** A configuration with other values for some of its keys; null takes one away. */
export function laidOver(config: ProviderConfig, changes: object): ProviderConfig {
  const said = Object.entries(changes).filter(([, value]) => value !== undefined);
  const merged = Object.entries({ ...config, ...Object.fromEntries(said) });
  return Object.fromEntries(merged.filter(([, value]) => value !== null)) as ProviderConfig; // keys and types are its own
}
