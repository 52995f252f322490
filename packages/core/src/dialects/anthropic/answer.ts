import { z } from "zod";
import type { Model } from "../../schemas/model.js";
import type { ChatData } from "../model-call.js";
import type { Answer } from "../upstream-call.js";
import { UpstreamFailure } from "../upstream-failure.js";
import type { Block } from "./block.js";
import { inBandFailure } from "./failure.js";
import { wantedSchema } from "./request-format.js";
import { schemaViolation } from "./schema-violation.js";
import { finishReason } from "./stop-reason.js";
import { AnthropicUsage, openaiUsageObject } from "./usage.js";

const Message = z.looseObject({
  type: z.literal("message"),
  id: z.string(),
  model: z.string().catch(""),
  content: z.array(z.looseObject({ type: z.string() })),
  stop_reason: z.string().nullish(),
  usage: z.unknown(),
});

/** What a refusal says that comes without words of its own. */
export const REFUSED = "The model refused to answer.";

/** Reads a whole message. @throws UpstreamFailure when the bytes are none */
export function anthropicAnswer(bytes: Buffer, call: ChatData, model: Model): Answer {
  const body = parse(bytes);
  const failure = inBandFailure(body);
  if (failure) throw failure;
  const message = Message.safeParse(body).data;
  if (!message) throw new UpstreamFailure("upstream_failed", { details: "answered with something that is no message" });
  const counted = new AnthropicUsage();
  counted.take(message.usage);
  const { usage } = counted;
  const { content, stop_reason: stopReason } = message;
  const finish = finishReason(
    stopReason,
    content.some(({ type }) => type === "tool_use"),
  );
  if (finish === "stop") assertFormat(content, call);
  const completion = {
    id: message.id,
    object: "chat.completion",
    created: call.created,
    model: message.model || model.apiModelName,
    choices: [
      {
        index: 0,
        message: openaiMessage(content, stopReason === "refusal"),
        logprobs: null,
        finish_reason: finish,
      },
    ],
    ...(usage ? { usage: openaiUsageObject(usage) } : {}),
  };
  return { body: JSON.stringify(completion), usage };
}

/**
 * Who asked for JSON gets JSON, or another try: the API promises it for a schema alone, and even there not for every
 * keyword.
 */
function assertFormat(content: readonly Block[], { request }: ChatData): void {
  const { type } = request.response_format ?? {};
  if (type !== "json_object" && type !== "json_schema") return;
  const value = jsonOf(joined(content, "text", "text"));
  if (type === "json_object" && (typeof value !== "object" || value === null || Array.isArray(value)))
    throw new UpstreamFailure("upstream_failed", { details: "answered a request for a JSON object with other JSON" });
  const schema = type === "json_schema" ? wantedSchema(request) : null;
  const broken = schema && schemaViolation(schema, value);
  if (broken)
    throw new UpstreamFailure("upstream_failed", { details: `answered outside the wanted schema: ${broken}` });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UpstreamFailure("upstream_failed", { details: "answered a request for JSON with other text", cause });
  }
}

function openaiMessage(content: readonly Block[], refused: boolean): object {
  const text = joined(content, "text", "text");
  const reasoning = joined(content, "thinking", "thinking");
  const calls = content.filter(({ type }) => type === "tool_use");
  const thinking = content.filter(isThinking);
  return {
    role: "assistant",
    content: refused || text === "" ? null : text,
    refusal: refused ? text || REFUSED : null,
    ...(reasoning ? { reasoning_content: reasoning } : {}),
    // Opaque to callers: sent back with the next turn, it lets the model go on from its own reasoning.
    ...(thinking.length > 0 ? { thinking_blocks: thinking } : {}),
    ...(calls.length > 0 ? { tool_calls: calls.map(toolCall) } : {}),
  };
}

/** Whether a block is reasoning, readable or not. */
export function isThinking({ type }: Block): boolean {
  return type === "thinking" || type === "redacted_thinking";
}

function toolCall({ id, name, input }: Block): object {
  return { id, type: "function", function: { name, arguments: JSON.stringify(input ?? {}) } };
}

function joined(content: readonly Block[], type: string, field: string): string {
  return content
    .filter((block) => block.type === type && typeof block[field] === "string")
    .map((block) => block[field])
    .join("");
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch (cause) {
    throw new UpstreamFailure("upstream_failed", { details: "answered with something that is not JSON", cause });
  }
}
