import { z } from "zod";
import { named } from "./registry.js";

const ToolCall = z.looseObject({
  id: z.string(),
  type: z.string(),
  function: z.looseObject({ name: z.string(), arguments: z.string() }).optional(),
});

const CompletionUsage = named(
  "CompletionUsage",
  z.looseObject({
    prompt_tokens: z.int(),
    completion_tokens: z.int(),
    total_tokens: z.int(),
    prompt_tokens_details: z.looseObject({ cached_tokens: z.int().optional() }).nullish(),
    completion_tokens_details: z.looseObject({ reasoning_tokens: z.int().optional() }).nullish(),
  }),
);

export const ChatCompletion = named(
  "ChatCompletion",
  z.looseObject({
    id: z.string(),
    object: z.literal("chat.completion"),
    created: z.int().describe("Seconds since the epoch."),
    model: z.string().describe("The model as the upstream names it."),
    choices: z.array(
      z.looseObject({
        index: z.int(),
        message: z.looseObject({
          role: z.literal("assistant"),
          content: z.string().nullable(),
          refusal: z.string().nullish(),
          reasoning_content: z.string().nullish(),
          tool_calls: z.array(ToolCall).optional(),
        }),
        finish_reason: z.string().nullable(),
      }),
    ),
    usage: CompletionUsage.optional(),
  }),
);

/** A whole answer. Fields an upstream adds are there too, untyped. */
export type ChatCompletion = z.infer<typeof ChatCompletion>;

const ToolCallDelta = z.looseObject({
  index: z.int(),
  id: z.string().optional(),
  type: z.string().optional(),
  function: z.looseObject({ name: z.string().optional(), arguments: z.string().optional() }).optional(),
});

export const ChatCompletionChunk = named(
  "ChatCompletionChunk",
  z.looseObject({
    id: z.string(),
    object: z.literal("chat.completion.chunk"),
    created: z.int().describe("Seconds since the epoch."),
    model: z.string(),
    choices: z.array(
      z.looseObject({
        index: z.int(),
        delta: z.looseObject({
          role: z.string().optional(),
          content: z.string().nullish(),
          refusal: z.string().nullish(),
          reasoning_content: z.string().nullish(),
          tool_calls: z.array(ToolCallDelta).optional(),
        }),
        finish_reason: z.string().nullish(),
      }),
    ),
    usage: CompletionUsage.nullish(),
  }),
);

/** One chunk of a streamed answer. Fields an upstream adds are there too, untyped. */
export type ChatCompletionChunk = z.infer<typeof ChatCompletionChunk>;
