import type { Clock } from "./clock.js";
import type { ModelsService } from "./http/services.js";
import { auditedModels } from "./models/audited-models.js";
import { ModelCatalog, modelNotFound } from "./models/catalog.js";
import { defaultCatalog } from "./models/default-catalog.js";
import { Discovery } from "./models/discovery.js";
import { seenBy } from "./routing/caller-rights.js";
import { RestingModels } from "./routing/rest.js";
import type { Model } from "./schemas/model.js";
import type { GatewayConfig } from "./schemas/options.js";
import type { ListedPrice } from "./schemas/price-list.js";
import type { RecordAudit } from "./spec/audit.js";
import { Prices } from "./usage/prices.js";
import { shippedPrices } from "./usage/shipped-prices.js";
import type { Base } from "./wire-base.js";
import type { Generation } from "./wire-generation.js";
import type { ProviderSet } from "./wire-providers.js";

/** What the catalogue of models is made from. */
export interface CatalogueDeps extends Pick<Base, "clock" | "logger" | "store"> {
  readonly config: GatewayConfig;
  /** The application's own. */
  readonly prices: readonly ListedPrice[];
  readonly record: RecordAudit;
  /** Asked once there is one. */
  readonly current: () => Generation;
}

/** The models there are, what they cost, and which of them rest. */
export interface CatalogueParts {
  readonly catalog: ModelCatalog;
  readonly discovery: Discovery;
  readonly resting: RestingModels;
  readonly prices: Prices;
  /** A model with the price that counts for it now. */
  readonly priced: (model: Model) => Model;
  readonly models: ModelsService;
  /** Says, once of each, which configured models name a provider that nobody knows: no call can reach them. */
  warnOfStrangers(): void;
  /** Takes over what another configuration says of models and their providers. */
  configure(config: GatewayConfig, before: ProviderSet, next: ProviderSet): void;
}

/** Builds them. Does no I/O. */
export function wireCatalogue({
  config,
  store,
  clock,
  logger,
  prices: own,
  record,
  current,
}: CatalogueDeps): CatalogueParts {
  const seedsOf = catalogueSeeds(clock);
  const catalog = new ModelCatalog({
    seeds: seedsOf(config),
    store,
    clock,
    providerNames: () => current().providers.knownNames,
    onError: (error) => logger.error({ err: error }, "could not read what another instance changed"),
  });
  const discovery = new Discovery({ publish: (models) => catalog.setDiscovered(models), clock, logger });
  const resting = new RestingModels(clock);
  const prices = new Prices(shippedPrices(), own);
  const priced = (model: Model) => prices.priced(model, clock.now());
  const changes = auditedModels(catalog, record);
  const told = new Set<string>();

  function warnOfStrangers(): void {
    const known = current().providers.knownNames;
    for (const { id, provider } of current().config.models) {
      const strange = `${id} ${provider}`;
      if (known.includes(provider) || told.has(strange)) continue;
      told.add(strange);
      const details = `no provider is called so; there are ${known.join(", ")}`;
      logger.warn({ model: id, provider, details }, "a configured model names an unknown provider and cannot be used");
    }
  }

  return {
    catalog,
    discovery,
    resting,
    prices,
    priced,
    models: {
      list: (reader) => seenBy(reader, catalog.list()).map(priced),
      get(id, reader) {
        const [model] = seenBy(reader, [catalog.get(id)]);
        if (model) return priced(model);
        throw modelNotFound(id);
      },
      create: async (model, actor) => priced(await changes.create(model, actor)),
      update: async (id, patch, actor) => priced(await changes.update(id, patch, actor)),
      remove: (id, actor) => changes.remove(id, actor),
      setPrices(list, actor = {}) {
        prices.replace(list);
        record({ action: "prices.update", target: null, details: { prices: list.length } }, actor);
      },
      layerEnabled: (layer) => current().layerEnabled(layer),
    },
    warnOfStrangers,
    configure(next, before, providers) {
      catalog.setSeeds(seedsOf(next));
      warnOfStrangers();
      discovery.follow(providers.all);
      // What was held against a provider says nothing of the one in its place.
      for (const { id, provider } of catalog.list())
        if (before.get(provider) !== providers.get(provider)) resting.forget(id);
    },
  };
}

/** The built-in catalogue, over which the configured models stand; each is as old as its first configuration here. */
function catalogueSeeds(clock: Clock): (config: GatewayConfig) => readonly Model[] {
  const born = new Map<string, number>();
  return ({ models }) => {
    const byId = new Map(defaultCatalog().map((model) => [model.id, model]));
    for (const model of models) {
      const created = born.get(model.id) ?? Math.floor(clock.now() / 1_000);
      born.set(model.id, created);
      byId.set(model.id, { ...model, created });
    }
    return [...byId.values()];
  };
}
