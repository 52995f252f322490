import { anthropicAnswer } from "./anthropic/answer.js";
import { anthropicFailure } from "./anthropic/failure.js";
import { anthropicRequest } from "./anthropic/request.js";
import type { AnthropicVersion } from "./anthropic/request-reasoning.js";
import { AnthropicStreamReader } from "./anthropic/stream.js";
import type { Translation } from "./translation.js";

/** Callers speak OpenAI's chat API, the upstream Anthropic's Messages API. */
export function openaiToAnthropic({ version }: { readonly version: AnthropicVersion }): Translation {
  return {
    request: (call, model) => anthropicRequest(call, model, version),
    answer: anthropicAnswer,
    stream: (call, model) => new AnthropicStreamReader(call, model),
    failure: anthropicFailure,
  };
}
