import { z } from "zod";
import { named } from "./registry.js";

const count = z.int().nonnegative();

export const Compared = z.object({ same: count, different: count });

/** How often the strong model's answer was the same as the cheap one's. */
export type Compared = z.infer<typeof Compared>;

const share = z.number().min(0).max(1).nullable();

const ComparedView = named(
  "ComparedAnswers",
  Compared.extend({
    differing: share.describe("The share that differed; null where nothing was compared."),
    low: share.describe("It is no less than this, with 95 % confidence (Wilson)."),
    high: share.describe("It is no more than this."),
  }),
);

export const RouteAudit = named(
  "RouteAudit",
  z
    .object({
      auditShare: z.number().describe("The share of accepted answers that are compared."),
      accepted: ComparedView.describe(
        "Answers that were accepted: those that differ are what a mode costs in quality.",
      ),
      escalated: ComparedView.describe(
        "Answers that were rejected: those that are the same were escalated for nothing.",
      ),
    })
    .describe("How often the highest layer's final answer was another one than the cheap model's."),
);

/** How often the highest layer's final answer was another one than the cheap model's. */
export type RouteAudit = z.infer<typeof RouteAudit>;
