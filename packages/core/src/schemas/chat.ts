import { z } from "zod";
import { LayerName } from "./model.js";
import { named } from "./registry.js";

const anything = z.looseObject({});

/** Parts, tools and calls of the kinds OpenAI has hold what they are named for; kinds that only others know go on unread. */
const OWN_FIELDS: ReadonlySet<string> = new Set(["text", "refusal", "image_url", "input_audio", "file", "function"]);

function holdsItsKind<Kind extends { readonly type: string }>(value: Kind, context: z.RefinementCtx<Kind>): void {
  const { type } = value;
  if (!OWN_FIELDS.has(type) || Reflect.get(value, type) !== undefined) return;
  context.addIssue({ code: "custom", path: [type], message: "is required" });
}

const ContentPart = z
  .looseObject({
    type: z.string(),
    text: z.string().optional(),
    refusal: z.string().optional(),
    image_url: z.union([z.string(), z.looseObject({ url: z.string() })]).optional(),
    input_audio: anything.optional(),
    file: anything.optional(),
  })
  .superRefine(holdsItsKind);
const Content = z.union([z.string(), z.array(ContentPart)]).nullable();

const ToolCall = z
  .looseObject({
    id: z.string(),
    type: z.string(),
    function: z.looseObject({ name: z.string(), arguments: z.string() }).optional(),
  })
  .superRefine(holdsItsKind);

/** Who has nothing to say but what stands in `content`. */
const SPEAKERS: ReadonlySet<string> = new Set(["system", "developer", "user"]);

export const ChatMessage = named(
  "ChatMessage",
  z
    .looseObject({
      role: z.enum(["system", "developer", "user", "assistant", "tool", "function"]),
      content: Content.optional(),
      name: z.string().optional(),
      refusal: z.string().nullish(),
      audio: anything.nullish(),
      tool_calls: z.array(ToolCall).nullish(),
      function_call: z.looseObject({ name: z.string(), arguments: z.string() }).nullish(),
      tool_call_id: z.string().optional(),
    })
    .superRefine(({ role, content }, context) => {
      if (!SPEAKERS.has(role) || (content !== undefined && content !== null)) return;
      const problem = content === null ? "expected a string or an array, received null" : "is required";
      context.addIssue({ code: "custom", path: ["content"], message: problem });
    }),
);

/** One message of a chat. */
export type ChatMessage = z.infer<typeof ChatMessage>;

const NamedFunction = z.looseObject({
  name: z.string().min(1),
  description: z.string().nullish(),
  parameters: z.record(z.string(), z.unknown()).nullish(),
  strict: z.boolean().nullish(),
});

const Tool = z.looseObject({ type: z.string(), function: NamedFunction.optional() }).superRefine(holdsItsKind);

export const SluiceExtension = named(
  "SluiceExtension",
  z
    .strictObject({
      layer: LayerName.describe("Routes `auto` to exactly this layer.").optional(),
      minLayer: LayerName.optional(),
      maxLayer: LayerName.describe("Lowers the ceiling for this call; never raises it.").optional(),
      fallbacks: z
        .array(z.string().min(1).max(256))
        .max(16)
        .describe("Model names tried in order after the first.")
        .optional(),
      timeouts: z
        .strictObject({
          connectMs: z.int().positive().optional(),
          headersMs: z.int().positive().optional(),
          firstOutputMs: z.int().positive().optional(),
          idleMs: z.int().positive().optional(),
          totalMs: z.int().positive().optional(),
        })
        .describe("Shortens timers for this call.")
        .optional(),
      escalate: z
        .boolean()
        .describe("Whether a rejected answer is replaced by one of a higher layer, within what is permitted.")
        .optional(),
      crossCheck: z
        .boolean()
        .describe("Asks a second model and reports both answers under `sluice`, where that is permitted.")
        .optional(),
      maxCostUsd: z
        .number()
        .nonnegative()
        .max(9_000)
        .describe("US dollars all upstream calls of this request may cost at most, reckoned before each of them.")
        .optional(),
      receipt: z
        .boolean()
        .describe(
          "Puts the receipt into the answer's `sluice` field: every upstream call and its cost. In a stream it stands in the usage chunk.",
        )
        .optional(),
      explain: z
        .boolean()
        .describe("Answers with how the call would be routed, as `POST /v1/route/explain` does; nobody is called.")
        .optional(),
      tags: z.array(z.string().min(1).max(128)).max(16).optional(),
    })
    .describe("Gateway options of one call; removed before the upstream sees the body."),
);

export const ChatRequest = named(
  "ChatRequest",
  z
    .looseObject({
      model: z
        .string()
        .min(1)
        .max(512)
        .default("auto")
        .describe("`auto`, `auto:L1`, `L2`, a model id, an apiModelName, or provider/apiModelName."),
      messages: z.array(ChatMessage).min(1).describe("The conversation so far."),
      stream: z.boolean().nullish().describe("Answer with server-sent events."),
      stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
      temperature: z.number().min(0).max(2).nullish().describe("Randomness, 0 to 2."),
      top_p: z.number().min(0).max(1).nullish().describe("Nucleus sampling, 0 to 1."),
      max_tokens: z.int().positive().nullish().describe("The most tokens to answer with."),
      max_completion_tokens: z
        .int()
        .positive()
        .nullish()
        .describe("The same, reasoning included; it goes before `max_tokens`."),
      n: z.int().positive().max(128).nullish().describe("How many answers."),
      stop: z
        .union([z.string(), z.array(z.string())])
        .nullish()
        .describe("Texts at which the answer stops."),
      seed: z.number().refine(Number.isInteger, "expected a whole number").nullish(), // of 64 bits, so beyond what z.int() takes
      frequency_penalty: z.number().min(-2).max(2).nullish(),
      presence_penalty: z.number().min(-2).max(2).nullish(),
      logit_bias: z.record(z.string(), z.number()).nullish(),
      logprobs: z.boolean().nullish(),
      top_logprobs: z.int().nonnegative().nullish(),
      user: z.string().nullish().describe("Who is asking, for the provider's abuse checks."),
      tools: z.array(Tool).nullish().describe("Functions the model may call."),
      tool_choice: z
        .union([z.string(), z.looseObject({ type: z.string() })])
        .nullish()
        .describe("`auto`, `none`, `required`, or one function."),
      parallel_tool_calls: z.boolean().nullish().describe("Whether several calls may come at once."),
      response_format: z
        .looseObject({ type: z.string() })
        .nullish()
        .describe("`text`, `json_object`, or a JSON Schema."),
      reasoning_effort: z.string().nullish().describe("How long to think."),
      verbosity: z.string().nullish(),
      modalities: z.array(z.string()).nullish(),
      audio: anything.nullish(),
      prediction: anything.nullish(),
      web_search_options: anything.nullish(),
      moderation: anything.nullish(),
      metadata: z.record(z.string(), z.unknown()).nullish(),
      store: z.boolean().nullish(),
      service_tier: z.string().nullish(),
      safety_identifier: z.string().nullish(),
      prompt_cache_key: z.string().nullish(),
      prompt_cache_retention: z.string().nullish(),
      prompt_cache_options: anything.nullish(),
      functions: z.array(NamedFunction).nullish().describe("What `tools` were before."),
      function_call: z.union([z.string(), z.looseObject({ name: z.string() })]).nullish(),
      sluice: SluiceExtension.optional(),
    })
    .describe("An OpenAI chat completion request. Fields not listed here are forwarded unread."),
);

/** A validated chat request. */
export type ChatRequest = z.infer<typeof ChatRequest>;

/** What callers write: `model` may be left out and is then `auto`. */
export type ChatInput = z.input<typeof ChatRequest>;
