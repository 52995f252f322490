import type { ProvidersService } from "./http/services.js";
import { ProviderChanges } from "./providers/internal/live/provider-changes.js";
import { ProviderOverlay } from "./providers/internal/live/provider-overlay.js";
import type { RecordAudit } from "./spec/audit.js";
import type { Provider } from "./spec/provider.js";
import type { Base } from "./wire-base.js";
import type { CatalogueParts } from "./wire-catalogue.js";
import type { Generation } from "./wire-generation.js";
import { buildProviders, failingOf, type ProviderSet, type ProviderSources } from "./wire-providers.js";

/** What providers that change while they are in use are made from. */
export interface LiveProvidersDeps extends Pick<Base, "clock" | "logger" | "store" | "sealer"> {
  readonly catalogue: Pick<CatalogueParts, "catalog" | "resting">;
  readonly record: RecordAudit;
  /** Asked once there is one. */
  readonly current: () => Generation;
  /** Puts other providers into force, under the same configuration. */
  readonly onChange: (next: ProviderSet) => void;
}

/** The providers of a gateway, and how they are changed while they are in use. */
export interface LiveProviders {
  readonly service: ProvidersService;
  /** What was changed at run time. */
  readonly overlay: ProviderOverlay;
  /** Those of a configuration. @param before whose providers stay where they are the same. @throws TypeError naming an option */
  build(config: ProviderSources["config"], own: ReadonlyMap<string, Provider>, before?: ProviderSet): ProviderSet;
  /** @throws GatewayError `not_configured`, `store_unavailable` */
  reseal(): Promise<number>;
}

/** Builds them. Does no I/O. */
export function wireLiveProviders(deps: LiveProvidersDeps): LiveProviders {
  const { store, sealer, clock, logger, catalogue, record, current, onChange } = deps;
  const { catalog, resting } = catalogue;
  const overlay = new ProviderOverlay({
    store,
    sealer,
    onChange: renew,
    onError: (error) => logger.error({ err: error }, "a change of providers could not be taken up"),
  });
  const changes = new ProviderChanges({
    now: () => current().providers,
    overlay,
    sealer,
    clock,
    audit: record,
    isHealthy: (name) => !failingOf(catalog.list(), resting).has(name),
  });

  /** What was changed, here or on another instance, comes into force. */
  function renew(): void {
    const { config, providers: before } = current();
    const set = buildProviders({ ...before.sources, config }, before);
    if (!set.equals(before)) onChange(set);
  }

  return {
    overlay,
    build: (config, own, before) => buildProviders({ config, own, overlay, clock }, before ?? null),
    reseal: () => changes.reseal(),
    service: {
      statuses: () => current().providers.statuses(catalog.list(), resting),
      list: () => changes.list(),
      get: (id) => changes.get(id),
      create: (input, actor) => changes.create(input, actor),
      update: (id, patch, actor) => changes.update(id, patch, actor),
      remove: (id, actor) => changes.remove(id, actor),
      reset: (actor) => changes.reset(actor),
    },
  };
}
