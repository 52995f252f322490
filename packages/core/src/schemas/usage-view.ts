import { z } from "zod";
import { LayerName } from "./layer.js";
import { CallRole, CallStatus, CallVerdict, OmittedStep, TokenCounts, UsageSource } from "./ledger.js";
import { Operation } from "./operation.js";
import { named } from "./registry.js";
import { UsageGroup } from "./usage-totals.js";

const usd = z.number().nonnegative();
const costUsd = usd.nullable().describe("US dollars, exact; null where that is not known, which is not zero.");
const estimatedCostUsd = usd
  .nullable()
  .describe("US dollars, for what is not known exactly, such as calls that were broken off.");

const CallView = named(
  "UpstreamCall",
  z.object({
    attempt: z.int().positive(),
    at: z.iso.datetime(),
    model: z.string(),
    provider: z.string(),
    layer: LayerName,
    reason: z.string().describe("Why this model was asked."),
    role: CallRole,
    status: CallStatus,
    code: z.string().nullable().describe("What failed, as in the table of errors."),
    partial: z.boolean().describe("Whether output had come before it ended otherwise than it should."),
    usage: TokenCounts.nullable(),
    usageSource: UsageSource,
    costUsd,
    estimatedCostUsd,
    costSource: z.enum(["price", "reported"]).nullable().describe("The price list, or the provider's own bill."),
    price: z
      .object({
        inputPerMTok: usd,
        outputPerMTok: usd,
        cacheReadPerMTok: usd,
        cacheWritePerMTok: usd,
        cacheWrite1hPerMTok: usd.nullable(),
        asOf: z.string().nullable(),
        source: z.string().nullable(),
      })
      .nullable(),
    verdicts: z.array(CallVerdict),
    durationMs: z.number(),
    ttftMs: z.number().nullable().describe("To the first output of a stream."),
  }),
);

const requestFields = {
  id: z.string().describe("The `x-sluice-request-id` of the answer."),
  at: z.iso.datetime(),
  key: z.string().nullable().describe("The API key that paid."),
  user: z.string().nullable().describe("The user it was for."),
  operation: Operation,
  stream: z.boolean(),
  tags: z.array(z.string()),
  status: CallStatus,
  model: z.string().nullable().describe("The model that answered."),
  provider: z.string().nullable(),
  layers: z.array(LayerName).describe("The layers that were asked, in order."),
  calls: z.int().describe("Upstream calls made."),
  costUsd,
  estimatedCostUsd,
};

export const RequestView = named("RequestSummary", z.object(requestFields));

export const RequestReceipt = named(
  "RequestReceipt",
  z.object({
    ...requestFields,
    alwaysStrongest: z
      .object({
        model: z.string(),
        costUsd: usd,
        savedUsd: z.number().nullable().describe("Less than zero where this request cost more."),
      })
      .nullable()
      .describe("What answering with the strongest model would have cost."),
    calls: z.array(CallView).describe("Every upstream call, also those that failed or whose answer was thrown away."),
    omitted: z.array(OmittedStep).describe("Calls that were not made, and what stood in the way."),
  }),
);

/** What one request went through and what it cost. */
export type RequestReceipt = z.infer<typeof RequestReceipt>;

/** The same without the single calls. */
export type RequestView = z.infer<typeof RequestView>;

export const RequestPage = named(
  "RequestPage",
  z.object({
    data: z.array(RequestView).describe("Newest first."),
    nextCursor: z.string().nullable().describe("`before` of the next page; null on the last."),
  }),
);

/** A page of requests. */
export type RequestPage = z.infer<typeof RequestPage>;

const who = {
  key: z.string().max(256).optional().describe("Only this API key's."),
  user: z.string().max(256).optional().describe("Only this user's."),
};

const time = z.union([z.iso.date(), z.iso.datetime({ offset: true })]);

export const RequestsRequest = z.object({
  ...who,
  limit: z.coerce.number().int().min(1).max(1_000).default(50).describe("How many at most."),
  before: z.string().max(64).optional().describe("`nextCursor` of the page before."),
  from: time.optional().describe("Only since then: a day or a time."),
  to: time.optional().describe("Only before then."),
});

/** Which requests are asked for. */
export type RequestsRequest = z.output<typeof RequestsRequest>;

export const UsageRequest = z.object({
  ...who,
  from: z.iso.date().optional().describe("The first day, in UTC; default: 29 days before the last."),
  to: z.iso.date().optional().describe("The last day, in UTC; default: today."),
  groupBy: z
    .string()
    .default("day")
    .transform((text) => text.split(",").filter((name) => name !== ""))
    .pipe(z.array(UsageGroup))
    .describe("What to sum by, with commas between: day, key, user, model, provider, layer, operation, tag."),
  format: z.enum(["json", "csv"]).default("json"),
});

/** Which sums are asked for. */
export type UsageRequest = z.output<typeof UsageRequest>;

const sums = {
  requests: z.int(),
  calls: z.int().describe("Upstream calls."),
  failed: z.int(),
  unknownCosts: z.int().describe("Calls whose cost is not known; they are not in `costUsd`."),
  usage: TokenCounts,
  costUsd: usd.describe("US dollars, of the calls whose cost is known."),
  estimatedCostUsd: usd.describe("US dollars, estimated, of the others."),
};

export const UsageReport = named(
  "UsageReport",
  z.object({
    from: z.iso.date(),
    to: z.iso.date(),
    data: z.array(z.object({ group: z.partialRecord(UsageGroup, z.string()), ...sums })),
    total: z.object(sums).describe("Over everything asked for, each call once."),
  }),
);

/** Sums of the ledger. */
export type UsageReport = z.infer<typeof UsageReport>;
