import { z } from "zod";
import { OmittedStep } from "./ledger.js";
import { LayerName, Price } from "./model.js";
import { named } from "./registry.js";

const Candidate = z.object({
  model: z.string(),
  provider: z.string(),
  layer: LayerName,
});

const ModelIds = z.array(z.string());

export const RouteDecision = named(
  "RouteDecision",
  z
    .object({
      model: z.string().describe("The model asked for."),
      targets: z
        .array(
          Candidate.extend({
            reason: z.string().describe("Why it stands here, such as `auto:L1`, `warm:L1`, `named` or `fallback`."),
            price: Price.nullable().describe("null: unknown."),
            mostUsd: z
              .number()
              .nullable()
              .describe("The most it can cost to ask it, in US dollars; null where nobody can say."),
            health: z.object({
              resting: z.boolean().describe("Whether it keeps failing, so that others are preferred."),
              retryAfterMs: z.number().describe("How long its provider asked not to be called; 0: now."),
            }),
          }),
        )
        .describe("The models that may be called, in order."),
      excluded: z.array(Candidate.extend({ reason: z.string() })).describe("Every other model, and why it is out."),
      cascade: z
        .object({
          mode: z.enum(["off", "economy", "balanced", "quality", "free-first"]),
          manner: z
            .enum(["judged", "buffered", "pre-route"])
            .describe("Whether the answer is judged, or the choice is made before the call."),
          skipped: z.string().nullable().describe("Why the answer is not judged; null where it is."),
          answer: ModelIds.describe("Who answers first, in order."),
          verifier: z.object({ models: ModelIds, reworded: z.boolean() }).nullable().describe("Who checks the answer."),
          escalation: ModelIds.describe("Who is asked when the answer is rejected, in order."),
        })
        .nullable()
        .describe("How `auto` chooses between layers; null where it does not."),
      preRoute: z
        .object({ score: z.number(), threshold: z.number().nullable(), by: z.enum(["rule", "learned"]) })
        .nullable()
        .describe("How hard the prompt looks; from the threshold up it goes to the highest layer at once."),
      omitted: z
        .array(OmittedStep)
        .describe("Calls that a budget has no room for: a check beside the answer, the others by themselves."),
      uncertain: z
        .array(OmittedStep)
        .describe("Calls that a budget has room for only if those before them cost less than they may."),
    })
    .describe("How a request would be routed now. Nothing was called."),
);

/** How a request would be routed. */
export type RouteDecision = z.infer<typeof RouteDecision>;
