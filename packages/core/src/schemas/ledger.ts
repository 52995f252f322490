import { z } from "zod";
import { LayerName } from "./layer.js";
import { Operation } from "./operation.js";
import { named } from "./registry.js";

const tokens = z.int().nonnegative();
/** Whole picodollars: 1e-12 US dollars. */
const picodollars = z.int().nonnegative();

export const TokenCounts = named(
  "TokenCounts",
  z
    .object({
      input: tokens.describe("Read neither from nor into a cache."),
      cacheRead: tokens.describe("Read from a cache."),
      cacheWrite5m: tokens.describe("Written to a cache for five minutes."),
      cacheWrite1h: tokens.describe("Written to a cache for an hour."),
      output: tokens.describe("Given back, reasoning included."),
      reasoning: tokens.describe("The part of `output` spent on reasoning."),
    })
    .describe("Tokens in buckets that do not overlap, except that `reasoning` is part of `output`."),
);

/** What one token costs, in picodollars. */
export const UnitPrice = z.object({
  input: picodollars,
  output: picodollars,
  cacheRead: picodollars,
  cacheWrite5m: picodollars,
  cacheWrite1h: picodollars.nullable(),
  maxPromptTokens: tokens.nullable(),
  asOf: z.string().nullable(),
  source: z.string().nullable(),
});

/** What one token costs, in picodollars, as of a day and by a source. */
export type UnitPrice = z.infer<typeof UnitPrice>;

export const CallRole = z
  .enum(["answer", "verifier", "judge"])
  .describe("What a call was for: the answer itself, a second answer to check it by, or a verdict.");

/** What an upstream call was for. */
export type CallRole = z.infer<typeof CallRole>;

export const CallStatus = z
  .enum(["finished", "discarded", "failed", "aborted", "lost", "crashed"])
  .describe(
    "`finished`; `discarded`: finished, and a judge did not take it; `failed`; `aborted`: the caller left; `lost`: no longer needed; `crashed`: the gateway went down meanwhile.",
  );

/** How an upstream call ended. */
export type CallStatus = z.infer<typeof CallStatus>;

export const UsageSource = z
  .enum(["reported", "partial-estimated", "none"])
  .describe("Whether the upstream counted the tokens, or they are estimated, or nobody knows.");

/** Who counted the tokens of a call. */
export type UsageSource = z.infer<typeof UsageSource>;

export const CallVerdict = named(
  "CallVerdict",
  z.object({
    judge: z.string(),
    outcome: z.enum(["accept", "reject", "unknown"]),
    score: z.number().optional(),
    reason: z.string(),
  }),
);

/** What a judge said of an answer. */
export type CallVerdict = z.infer<typeof CallVerdict>;

export const OmittedStep = named(
  "OmittedStep",
  z.object({
    step: z
      .enum(["answer", "verifier", "judge", "escalation"])
      .describe("What a call would have been for; `escalation`: an answer in the place of a rejected one."),
    model: z.string().nullable().describe("The model that was not asked; null where it did not come to choosing one."),
    reason: z
      .enum(["budget", "share", "ceiling"])
      .describe(
        "`budget`: it could have cost more than is left; `share`: enough calls escalate; `ceiling`: no layer above.",
      ),
  }),
);

/** A call that was not made. */
export type OmittedStep = z.infer<typeof OmittedStep>;

/** One upstream call as the ledger keeps it. */
export const LedgerRow = z.object({
  /** Sorts by the time the call was opened. */
  id: z.string().min(1).max(64),
  requestId: z.string().min(1).max(64),
  /** 1 for the first upstream call of the request. */
  attempt: z.int().positive(),
  /** When it was opened, milliseconds since the epoch. */
  at: z.int().nonnegative(),
  /** The API key it was made with. */
  key: z.string().nullable(),
  /** The user it was made for. */
  user: z.string().nullable(),
  tags: z.array(z.string()),
  model: z.string(),
  provider: z.string(),
  layer: LayerName,
  operation: Operation,
  stream: z.boolean(),
  /** Why this model was chosen, such as `auto:L0`. */
  reason: z.string(),
  role: CallRole,
  status: CallStatus,
  /** The failure's code; null where it did not fail. */
  code: z.string().nullable(),
  /** Whether output had come before it ended otherwise than it should. */
  partial: z.boolean(),
  usageSource: UsageSource,
  /** Null where nothing is known. */
  usage: TokenCounts.nullable(),
  price: UnitPrice.nullable(),
  /** In picodollars, exact; null where it is not known. */
  cost: picodollars.nullable(),
  /** Whether `cost` is what the upstream said it charged. */
  costReported: z.boolean(),
  /** In picodollars, where `cost` is not known and something can be said all the same. */
  estimatedCost: picodollars.nullable(),
  /** The strongest model there was, and what it would have cost to answer with it, in picodollars. */
  strongest: z.object({ model: z.string(), cost: picodollars }).nullable(),
  verdicts: z.array(CallVerdict),
  /** Calls of the request that were not made, since the row before; undefined for none. */
  omitted: z.array(OmittedStep).optional(),
  durationMs: z.number().nonnegative(),
  /** To the first output of a stream. */
  ttftMs: z.number().nonnegative().nullable(),
});

/** One upstream call as the ledger keeps it. */
export type LedgerRow = z.infer<typeof LedgerRow>;

/** As much of a row as is known when the call is sent. */
export type RowStart = Pick<
  LedgerRow,
  | "id"
  | "requestId"
  | "attempt"
  | "at"
  | "key"
  | "user"
  | "tags"
  | "model"
  | "provider"
  | "layer"
  | "operation"
  | "stream"
  | "reason"
  | "role"
  | "price"
>;
