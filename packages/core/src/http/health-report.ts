import type { Health } from "../schemas/health.js";
import { layerViews } from "./layers-view.js";
import type { Services } from "./services.js";

/** The providers of the documented body; the others stand beside them. */
const DOCUMENTED_PROVIDERS = ["openai", "anthropic", "openrouter", "oss-local"];

/** The state of everything, from memory: no provider is called. */
export async function healthReport(services: Services): Promise<Health> {
  const { config, clock, models } = services;
  const [database, redis] = await Promise.all([services.storeAnswers(), services.redisAnswers()]);
  const statuses = services.providers.statuses();
  const providers: Record<string, boolean> = Object.fromEntries(DOCUMENTED_PROVIDERS.map((name) => [name, false]));
  for (const { name, healthy } of statuses) providers[name] = healthy;
  const { routing, cost, logLevel } = config;
  const trouble = services.usageTrouble();
  const overload = services.overload();
  const budgets = services.budgetsTrouble(redis);
  const away = !database || (config.redis !== null && !redis);
  const broken = away || trouble !== null || overload !== null || statuses.some(({ healthy }) => !healthy);
  return {
    status: services.phase() === "draining" ? "draining" : broken ? "degraded" : "ok",
    redis,
    database,
    timestamp: new Date(clock.now()).toISOString(),
    providers,
    healthyProviders: Object.keys(providers).filter((name) => providers[name]),
    layers: layerViews(models.list(), models.layerEnabled),
    configuration: {
      logLevel,
      defaultLayer: routing.defaultLayer,
      enableCrossCheck: routing.enableCrossCheck,
      enableAutoEscalate: routing.enableAutoEscalate,
      maxEscalationLayer: routing.maxEscalationLayer,
      enableCostTracking: cost.enableCostTracking,
      costAlertThreshold: cost.costAlertThreshold,
    },
    ...(trouble === null ? {} : { usage: trouble }),
    ...(overload === null ? {} : { overload }),
    ...(budgets === null ? {} : { budgets }),
    ...(statuses.length > 0 && statuses.every(({ simulated }) => simulated) ? { simulated: true } : {}),
  };
}
