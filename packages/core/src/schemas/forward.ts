import { z } from "zod";
import { SluiceExtension } from "./chat.js";
import { named } from "./registry.js";

/** Fields of every request that is routed by model and else forwarded unread. */
const routed = {
  model: z
    .string()
    .min(1)
    .max(512)
    .default("auto")
    .describe("A model id, an apiModelName, provider/apiModelName, or `auto` for the models that say they serve this."),
  user: z.string().nullish().describe("Who is asking, for the provider's abuse checks."),
  sluice: SluiceExtension.optional(),
};

/** Of operations whose answers come whole. */
const unstreamed = {
  ...routed,
  stream: z
    .boolean()
    .refine((wanted) => !wanted, "expected false: these answers come whole")
    .nullish()
    .describe("These answers come whole."),
};
/** Of operations whose answers may come piece by piece. */
const streamed = { ...routed, stream: z.boolean().nullish().describe("Answer with server-sent events.") };

const Tokens = z.array(z.int().nonnegative()).min(1);
/** A text, several, one list of tokens or several. */
const Texts = z.union([z.string().min(1), z.array(z.string()).min(1), Tokens, z.array(Tokens).min(1)]);

export const EmbeddingRequest = named(
  "EmbeddingRequest",
  z
    .looseObject({
      ...unstreamed,
      input: Texts.describe("A text, several, or lists of tokens."),
      encoding_format: z
        .enum(["float", "base64"])
        .nullish()
        .describe(
          "`float` (numbers) or `base64` (little-endian floats of four bytes); kept whatever the upstream sends.",
        ),
      dimensions: z.int().positive().nullish().describe("How many numbers each embedding is to have."),
    })
    .describe("An OpenAI embeddings request. Fields not listed here are forwarded unread."),
);

/** What callers of `embeddings` write: `model` may be left out and is then `auto`. */
export type EmbeddingInput = z.input<typeof EmbeddingRequest>;

const TokenCount = z.looseObject({ prompt_tokens: z.int(), total_tokens: z.int() });

export const EmbeddingList = named(
  "EmbeddingList",
  z.looseObject({
    object: z.literal("list"),
    data: z.array(
      z.looseObject({
        object: z.literal("embedding"),
        index: z.int(),
        embedding: z.union([z.array(z.number()), z.string()]),
      }),
    ),
    model: z.string(),
    usage: TokenCount.optional(),
  }),
);

/** A batch of embeddings, in the order of the inputs. */
export type EmbeddingList = z.infer<typeof EmbeddingList>;

export const CompletionRequest = named(
  "CompletionRequest",
  z
    .looseObject({
      ...streamed,
      prompt: z.union([z.string(), z.array(z.string()), Tokens, z.array(Tokens)]).describe("The text to go on from."),
      stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
      max_tokens: z.int().nonnegative().nullish(),
      temperature: z.number().min(0).max(2).nullish(),
    })
    .describe("An OpenAI completion request of the old kind. Fields not listed here are forwarded unread."),
);

export const Completion = named(
  "Completion",
  z.looseObject({
    object: z.literal("text_completion"),
    model: z.string(),
    choices: z.array(z.looseObject({ index: z.int(), text: z.string(), finish_reason: z.string().nullish() })),
  }),
);

export const ModerationRequest = named(
  "ModerationRequest",
  z
    .looseObject({
      ...unstreamed,
      input: z
        .union([z.string(), z.array(z.string()).min(1), z.array(z.looseObject({ type: z.string() })).min(1)])
        .describe("What to judge: a text, several, or parts of text and pictures."),
    })
    .describe("An OpenAI moderation request. Fields not listed here are forwarded unread."),
);

export const Moderation = named(
  "Moderation",
  z.looseObject({ model: z.string(), results: z.array(z.looseObject({ flagged: z.boolean() })) }),
);

export const RerankRequest = named(
  "RerankRequest",
  z
    .looseObject({
      ...unstreamed,
      query: z.string().min(1).describe("What the documents should be about."),
      documents: z
        .array(z.union([z.string(), z.looseObject({})]))
        .min(1)
        .describe("Texts, or objects in the form the upstream takes."),
      top_n: z.int().positive().nullish().describe("How many to give back."),
    })
    .describe("A rerank request as Cohere, Jina and vLLM take it. Fields not listed here are forwarded unread."),
);

export const Ranking = named(
  "Ranking",
  z.looseObject({
    results: z.array(z.looseObject({ index: z.int(), relevance_score: z.number() })).describe("Best first."),
  }),
);

export const ImageRequest = named(
  "ImageRequest",
  z
    .looseObject({
      ...streamed,
      prompt: z.string().min(1).describe("What the picture shows."),
      n: z.int().positive().max(10).nullish(),
    })
    .describe("An OpenAI image request. Fields not listed here are forwarded unread."),
);

export const Images = named(
  "Images",
  z.looseObject({
    created: z.int().describe("Seconds since the epoch."),
    data: z.array(z.looseObject({ url: z.string().optional(), b64_json: z.string().optional() })).optional(),
  }),
);

export const SpeechRequest = named(
  "SpeechRequest",
  z
    .looseObject({
      ...streamed,
      input: z.string().min(1).describe("What to say."),
      voice: z.union([z.string(), z.looseObject({ id: z.string() })]).nullish(),
      speed: z.number().min(0.25).max(4).nullish(),
    })
    .describe("An OpenAI speech request. Fields not listed here are forwarded unread."),
);

export const Transcript = named("Transcript", z.looseObject({ text: z.string() }));

/** An event of a stream whose kind its `type` tells. */
export const TypedEvent = named("TypedEvent", z.looseObject({ type: z.string() }));
