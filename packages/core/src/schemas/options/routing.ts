import { z } from "zod";
import { LayerName, TimeoutsPatch } from "../model.js";

/** One layer, on or off. */
export const Layer = z.strictObject({
  enabled: z
    .boolean()
    .optional()
    .describe("Whether `auto` may use this layer; default: true from `defaultLayer` up to the ceiling."),
});

/** How a call comes by its answer. */
export const Routing = z.strictObject({
  mode: z
    .enum(["off", "economy", "balanced", "quality", "free-first"])
    .default("off")
    .describe("How `auto` escalates and cross-checks."),
  defaultLayer: LayerName.default("L0").describe("Where `auto` starts."),
  enableCrossCheck: z.boolean().default(true).describe("Permits cross-checks."),
  enableAutoEscalate: z.boolean().default(false).describe("Permits escalation on a judge's verdict."),
  maxEscalationLayer: LayerName.default("L0").describe("The highest layer `auto` may reach."),
  judges: z
    .array(z.enum(["sanity", "agreement", "llm-judge", "none"]))
    .default(["sanity", "agreement", "llm-judge"])
    .describe("Who judges, in this order; `llm-judge` only where `judgeModel` is set."),
  onUnknown: z
    .enum(["accept", "escalate"])
    .default("accept")
    .describe("What becomes of an answer that no judge could decide on, such as free text."),
  judgeModel: z
    .string()
    .min(1)
    .max(256)
    .nullable()
    .default(null)
    .describe("A model that judges where the built-in judges cannot; null: none."),
  maxEscalationShare: z
    .number()
    .min(0)
    .max(1)
    .nullable()
    .default(null)
    .describe("The largest share of calls that may escalate, 0 to 1; null: no cap."),
  auditShare: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe(
      "The share of accepted answers that the highest layer is asked for too, afterwards, to see how often its answer is another one; it is paid for like any call.",
    ),
  strongShare: z
    .number()
    .min(0)
    .max(1)
    .default(0.2)
    .describe(
      "The share of calls that go straight to the ceiling where their answer cannot be judged, such as streams.",
    ),
  bufferStreams: z
    .boolean()
    .default(false)
    .describe("Whether streams are judged too: their first output then waits for the verdict."),
  timeouts: z
    .strictObject({
      connectMs: TimeoutsPatch.shape.connectMs.unwrap().default(5_000),
      headersMs: TimeoutsPatch.shape.headersMs.unwrap().default(60_000),
      firstOutputMs: TimeoutsPatch.shape.firstOutputMs.unwrap().default(60_000),
      idleMs: TimeoutsPatch.shape.idleMs.unwrap().default(30_000),
      totalMs: TimeoutsPatch.shape.totalMs.unwrap().default(600_000),
    })
    .prefault({})
    .describe("Timers of an upstream call."),
  attempts: z.int().min(1).max(20).default(3).describe("Upstream calls per request, over all models."),
  keepAliveAfterMs: z
    .int()
    .positive()
    .nullable()
    .default(15_000)
    .describe("Silence after which a stream gets a comment, milliseconds; null: never."),
});
