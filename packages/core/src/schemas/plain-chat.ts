import type { ChatRequest } from "./chat.js";

/** Fields the quick look knows, and the type it wants of each. */
const FIELDS: Readonly<Record<string, (value: unknown) => boolean>> = {
  model: (value) => typeof value === "string" && value.length > 0 && value.length <= 512,
  messages: (value) => Array.isArray(value) && value.length > 0 && value.every(isPlainMessage),
  stream: (value) => typeof value === "boolean",
  temperature: (value) => typeof value === "number" && value >= 0 && value <= 2,
  max_tokens: (value) => Number.isSafeInteger(value) && Number(value) > 0,
  max_completion_tokens: (value) => Number.isSafeInteger(value) && Number(value) > 0,
};

/**
 * Whether a body is surely a valid chat request that the schema would give back as it is. Most are: a model, messages of
 * plain text, a few numbers. They are spared the schema, which looks at every field there could be. Anything else is
 * the schema's to judge; a property test holds the two together.
 */
export function isPlainChat(body: unknown): body is ChatRequest {
  if (typeof body !== "object" || body === null || !("model" in body) || !("messages" in body)) return false;
  for (const field in body) {
    const fits = FIELDS[field];
    if (fits === undefined || !fits(Reflect.get(body, field))) return false;
  }
  return true;
}

function isPlainMessage(message: unknown): boolean {
  if (typeof message !== "object" || message === null) return false;
  let fields = 0;
  for (const _field in message) fields++;
  if (fields !== 2 || !("role" in message) || !("content" in message)) return false;
  const { role, content } = message;
  return typeof content === "string" && (role === "user" || role === "assistant" || role === "system");
}
