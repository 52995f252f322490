import { isDeepStrictEqual } from "node:util";
import type { Clock } from "./clock.js";
import type { RedisLink } from "./redis/redis-link.js";
import type { GatewayConfig } from "./schemas/options.js";
import type { Emit } from "./spec/events.js";
import type { Logger } from "./spec/logger.js";
import type { Store } from "./spec/store.js";
import { Alerts } from "./usage/budgets/alerts.js";
import { Budgets } from "./usage/budgets/budgets.js";
import { MemoryCounters } from "./usage/budgets/counters.js";
import { SharedCounters } from "./usage/budgets/shared-counters.js";
import { alertWebhook } from "./usage/budgets/webhook.js";

/** What the parts that watch over money are made from. */
export interface BudgetDeps {
  readonly config: GatewayConfig;
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly emit: Emit;
  /** Where instances count together; null for each by itself. */
  readonly redis: RedisLink | null;
  /** Brings usage rows that wait into the store. */
  readonly flush: () => Promise<void>;
}

/** Builds them. Does no I/O. */
export function wireBudgets({ config, store, clock, logger, emit, redis, flush }: BudgetDeps): {
  readonly budgets: Budgets;
  readonly alerts: Alerts;
  /** Why budgets are not kept over all instances; null while all is well. @param redisAnswers whether it does now */
  trouble(redisAnswers: boolean): string | null;
  /** Takes over another configuration. */
  configure(next: GatewayConfig): void;
} {
  const shared = redis && new SharedCounters({ link: redis, clock, instances: config.instances });
  const { budgets: seeds, costAlertThreshold } = config.cost;
  const sender = ({ alertWebhook: webhook }: GatewayConfig["cost"]) =>
    webhook && alertWebhook({ ...webhook, clock, logger });
  let current = config.cost;
  let send = sender(current);
  const alerts = new Alerts({
    store,
    clock,
    logger,
    thresholdUsd: costAlertThreshold,
    shared,
    tell(alert) {
      emit("cost-alert", () => alert);
      send?.(alert);
    },
  });
  const onError = (error: unknown) => logger.error({ err: error }, "could not read what another instance changed");
  const counters = shared ?? new MemoryCounters();
  const budgets = new Budgets({ store, clock, seeds, counters, alerts, flush, onError });
  const trouble = (redisAnswers: boolean) =>
    budgets.areSet && shared && (shared.isApart || !redisAnswers) ? APART : null;
  return {
    budgets,
    alerts,
    trouble,
    configure({ cost }) {
      if (isDeepStrictEqual(cost, current)) return; // what was spent would be read again for nothing
      current = cost;
      send = sender(cost);
      alerts.thresholdUsd = cost.costAlertThreshold;
      budgets.configure(cost.budgets);
    },
  };
}

const APART = "Redis is away: each instance spends from its part of what was left of the budgets";
