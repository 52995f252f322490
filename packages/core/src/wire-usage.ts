import type { UsageService } from "./http/services.js";
import type { GatewayConfig } from "./schemas/options.js";
import type { Alerts } from "./usage/budgets/alerts.js";
import type { Budgets } from "./usage/budgets/budgets.js";
import { Ledger } from "./usage/ledger.js";
import type { Book } from "./usage/ledger-deps.js";
import { rowIds } from "./usage/row-ids.js";
import { strongestModel } from "./usage/strongest.js";
import { usageBook } from "./usage/usage-book.js";
import { UsageReports } from "./usage/usage-reports.js";
import type { Base } from "./wire-base.js";
import { wireBudgets } from "./wire-budgets.js";
import type { CatalogueParts } from "./wire-catalogue.js";
import type { Generation } from "./wire-generation.js";

/** What the parts that book calls are made from. */
export interface UsageDeps extends Base {
  readonly config: GatewayConfig;
  readonly catalogue: Pick<CatalogueParts, "catalog" | "prices">;
  /** Asked once there is one. */
  readonly current: () => Generation;
}

/** What books every call, and watches over what it costs. */
export interface UsageParts {
  readonly ledger: Ledger;
  readonly book: Book;
  readonly budgets: Budgets;
  readonly alerts: Alerts;
  readonly reports: UsageService;
  /** Why budgets are not kept over all instances; null while all is well. @param redisAnswers whether it does now */
  budgetsTrouble(redisAnswers: boolean): string | null;
  /** Takes over another configuration, when what it returns is called. */
  prepare(next: GatewayConfig): () => void;
}

/** Builds them. Does no I/O. */
export function wireUsage({ config, catalogue, current, ...base }: UsageDeps): UsageParts {
  const { clock, store, redis } = base;
  const { book, flush } = usageBook({
    ...base,
    store: store.usage,
    enabled: config.cost.enableCostTracking,
    durability: config.usage.durability,
  });
  const { budgets, alerts, trouble, configure } = wireBudgets({ ...base, config, flush, redis: redis?.link ?? null });
  const { prices, catalog } = catalogue;
  const strongest = strongestModel({
    prices,
    models: () => catalog.list(),
    usable({ enabled, layer, provider }) {
      const { layerEnabled, providers } = current();
      return enabled && layerEnabled(layer) && providers.isReal(provider);
    },
    now: () => clock.now(),
  });
  return {
    ledger: new Ledger({ clock, prices, book, budgets, newId: rowIds(clock), strongest }),
    book,
    budgets,
    alerts,
    reports: new UsageReports({ clock, store: store.usage, flush }),
    budgetsTrouble: trouble,
    prepare: (next) => () => configure(next),
  };
}
