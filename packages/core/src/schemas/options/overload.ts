import { z } from "zod";

/** When model calls are refused so that those that run end well. */
export const Overload = z.strictObject({
  maxCalls: z
    .int()
    .positive()
    .nullable()
    .default(10_000)
    .describe("Model calls that may run at once, over everybody; more are refused. null: no limit."),
  eventLoopDelayMs: z
    .int()
    .positive()
    .nullable()
    .default(200)
    .describe(
      "Model calls are refused while the process is later than this, again and again for a second. null: never for that.",
    ),
  memoryShare: z
    .number()
    .gt(0)
    .max(1)
    .nullable()
    .default(0.8)
    .describe("Model calls are refused above this share of the memory its container gives it. null: never for that."),
});
