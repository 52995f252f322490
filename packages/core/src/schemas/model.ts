import { z } from "zod";
import type { EntryKind } from "../spec/store.js";
import { LayerName } from "./layer.js";
import { Operation } from "./operation.js";
import { named } from "./registry.js";

export { higherLayer, LAYERS, LayerName } from "./layer.js";

const milliseconds = z.int().positive().max(86_400_000);

export const TimeoutsPatch = named(
  "Timeouts",
  z
    .strictObject({
      connectMs: milliseconds.describe("Until the request is on a connection.").optional(),
      headersMs: milliseconds.describe("From there to the response headers.").optional(),
      firstOutputMs: milliseconds.describe("From the headers to the first output of a stream.").optional(),
      idleMs: milliseconds.describe("Between two reads of the answer.").optional(),
      totalMs: milliseconds.describe("For the whole call, over all attempts.").optional(),
    })
    .describe("Timers in milliseconds."),
);

const dollars = z.number().nonnegative();

export const Price = named(
  "Price",
  z
    .strictObject({
      inputPerMTok: dollars.describe("US dollars per million input tokens."),
      outputPerMTok: dollars.describe("US dollars per million output tokens."),
      cacheReadPerMTok: dollars.optional().describe("Per million tokens read from a cache; default: as input."),
      cacheWritePerMTok: dollars.optional().describe("Per million tokens written to a cache; default: as input."),
      cacheWrite1hPerMTok: dollars
        .optional()
        .describe("Per million tokens written to a cache for an hour; without it the cost of such calls is unknown."),
      maxPromptTokens: z
        .int()
        .positive()
        .optional()
        .describe("Up to which length of prompt the price holds; the cost of longer ones is unknown."),
      asOf: z.iso.date().describe("The day the price was read.").optional(),
      source: z.string().max(500).optional().describe("Where the price was read."),
    })
    .describe("List price; a model without one has an unknown cost, never zero."),
);

/** A list price, in US dollars per million tokens. */
export type Price = z.infer<typeof Price>;

/** Names of routes and of layers, and the segments that clients take out of a path (RFC 3986 5.2.4). */
const RESERVED = /^(?:\.{1,2}|layers|auto|auto:.*|L[0-3])$/;

export const ModelId = named(
  "ModelId",
  z
    .string()
    .min(1)
    .max(256)
    .regex(/^[^\s\p{Cc}\p{Cs}]+$/u, "must not hold white space, control characters or halves of characters")
    .refine((id) => !RESERVED.test(id), "is a reserved name")
    .describe("Identifier; may hold `/`, `:` and `.`."),
);

const modelFields = {
  provider: z.string().min(1).max(64).describe("Name of a configured or known provider."),
  apiModelName: z.string().min(1).max(256).describe("The provider's own name of the model."),
  layer: LayerName,
  enabled: z.boolean().describe("Whether it may be used at all."),
  priority: z.int().describe("Order within the layer, lowest first."),
  relativeCost: z.number().nonnegative().nullable().describe("Tie-breaker within one priority; not a sum of money."),
  price: Price.optional(),
  contextWindow: z.int().positive().optional().describe("Tokens."),
  maxOutputTokens: z
    .int()
    .positive()
    .optional()
    .describe("Tokens; the default of `max_tokens` where a provider needs one."),
  capabilities: z
    .array(z.string().min(1).max(64))
    .max(64)
    .optional()
    .describe("What it can do, such as `tools` and `vision`."),
  operations: z
    .array(Operation)
    .min(1)
    .optional()
    .describe("What it serves; `auto` takes it for these alone. Default: chat, and whatever else it is named for."),
  fallbacks: z
    .array(z.string().min(1).max(256))
    .max(16)
    .describe("Model ids tried in order when this one fails before its first output."),
  timeouts: TimeoutsPatch,
};

/** A catalogue entry as it is stored. */
export const StoredModel = z.object({ id: ModelId, ...modelFields, created: z.int().nonnegative() });

/** A model the gateway can route to. */
export type Model = z.infer<typeof StoredModel>;

/** Changes of the model catalogue, over what the configuration seeds. */
export const MODELS: EntryKind<Model> = { name: "models", schema: StoredModel, idOf: ({ id }) => id };

export const NewModel = named(
  "NewModel",
  z.object({
    id: ModelId,
    ...modelFields,
    enabled: modelFields.enabled.default(true),
    priority: modelFields.priority.default(0),
    relativeCost: modelFields.relativeCost.default(null),
    fallbacks: modelFields.fallbacks.default([]),
    timeouts: TimeoutsPatch.default({}),
  }),
);

/** What `models.create` takes; what is left out gets its default. */
export type NewModel = z.input<typeof NewModel>;

export const ModelPatch = named(
  "ModelPatch",
  z
    .object({
      id: z.string(),
      ...modelFields,
      price: Price.nullable(),
      contextWindow: modelFields.contextWindow.nullable(),
      maxOutputTokens: modelFields.maxOutputTokens.nullable(),
      capabilities: modelFields.capabilities.nullable(),
      operations: modelFields.operations.nullable(),
    })
    .partial()
    .describe(
      "Any subset of a model's fields; null clears an optional one. `id`, if given, must be the one of the path.",
    ),
);

/** What `models.update` takes: any subset of a model's fields. */
export type ModelPatch = z.input<typeof ModelPatch>;
