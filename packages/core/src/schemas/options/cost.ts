import { z } from "zod";
import { SeedBudget } from "../budget.js";
import { Url } from "./provider-config.js";

/** What is spent, who is told, and where it ends. */
export const Cost = z.strictObject({
  enableCostTracking: z.boolean().default(true).describe("Whether costs are booked."),
  costAlertThreshold: z
    .number()
    .nonnegative()
    .max(9_000)
    .default(1)
    .describe("US dollars a day (UTC), over everybody, after which an alert is raised; 0: never."),
  alertWebhook: z
    .strictObject({
      url: Url.describe("Gets a POST for each alert."),
      secret: z.string().min(16).describe("Signs it; at least 16 characters."),
    })
    .nullable()
    .default(null)
    .describe("Where alerts are sent, besides the log."),
  budgets: z.array(SeedBudget).default([]).describe("Seeds of the budgets; changes over HTTP win."),
});

/** How surely usage is recorded. */
export const Usage = z.strictObject({
  durability: z
    .enum(["process", "power"])
    .default("process")
    .describe(
      "What usage records survive before an answer ends: `process` the end of the process, `power` that of the machine, which costs a disk write each.",
    ),
});
