import { z } from "zod";
import { LayerName } from "./model.js";
import { LayersHealth } from "./model-view.js";
import { named } from "./registry.js";

export const Health = named(
  "Health",
  z.object({
    status: z.enum(["ok", "degraded", "draining"]),
    redis: z.boolean().describe("Whether a Redis is configured and answers."),
    database: z.boolean().describe("Whether the store answers."),
    timestamp: z.iso.datetime(),
    providers: z.record(z.string(), z.boolean()).describe("Configured and not failing, by provider."),
    healthyProviders: z.array(z.string()),
    layers: LayersHealth,
    configuration: z.object({
      logLevel: z.string(),
      defaultLayer: LayerName,
      enableCrossCheck: z.boolean(),
      enableAutoEscalate: z.boolean(),
      maxEscalationLayer: LayerName,
      enableCostTracking: z.boolean(),
      costAlertThreshold: z.number(),
    }),
    usage: z.string().optional().describe("What is wrong with the ledger, where something is."),
    budgets: z.string().optional().describe("Why budgets are not kept over all instances, where they are not."),
    overload: z.string().optional().describe("Why model calls are refused at the moment, where they are."),
    simulated: z
      .boolean()
      .optional()
      .describe("True while the only provider is the simulator, which is no language model."),
    error: z.string().optional().describe("Beside a 503: what is wrong, as in every error."),
  }),
);

/** The state of the gateway, its store and its providers. */
export type Health = z.infer<typeof Health>;

export const HealthSummary = named("HealthSummary", Health.pick({ status: true, timestamp: true, error: true }));

export const Probe = named(
  "Probe",
  z.object({ status: z.enum(["ok", "starting", "draining"]), error: Health.shape.error }),
);
