import type { Clock } from "./clock.js";
import type { GatewayConfig } from "./schemas/options.js";
import type { Emit } from "./spec/events.js";
import type { Logger } from "./spec/logger.js";
import type { Store } from "./spec/store.js";
import { Alerts } from "./usage/budgets/alerts.js";
import { Budgets } from "./usage/budgets/budgets.js";
import { MemoryCounters } from "./usage/budgets/counters.js";
import { alertWebhook } from "./usage/budgets/webhook.js";

/** What the parts that watch over money are made from. */
export interface BudgetDeps {
  readonly config: GatewayConfig;
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly emit: Emit;
  /** Brings usage rows that wait into the store. */
  readonly flush: () => Promise<void>;
}

/** Builds them. Does no I/O. */
export function wireBudgets({ config, store, clock, logger, emit, flush }: BudgetDeps): {
  readonly budgets: Budgets;
  readonly alerts: Alerts;
} {
  const { budgets: seeds, costAlertThreshold, alertWebhook: webhook } = config.cost;
  const send = webhook && alertWebhook({ ...webhook, clock, logger });
  const alerts = new Alerts({
    store,
    clock,
    logger,
    thresholdUsd: costAlertThreshold,
    tell(alert) {
      emit("cost-alert", () => alert);
      send?.(alert);
    },
  });
  const onError = (error: unknown) => logger.error({ err: error }, "could not read what another instance changed");
  return {
    budgets: new Budgets({ store, clock, seeds, counters: new MemoryCounters(), alerts, flush, onError }),
    alerts,
  };
}
