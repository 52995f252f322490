import type { ChatMessage, ChatRequest } from "../schemas/chat.js";

/** The text of one message; parts that are no text do not count. */
export function textOf({ content }: Pick<ChatMessage, "content">): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.map((part) => (typeof part.text === "string" ? part.text : "")).join("\n");
}

/** What the user asked last. */
export function promptText({ messages }: Pick<ChatRequest, "messages">): string {
  const asked = messages.findLast(({ role }) => role === "user");
  return asked ? textOf(asked) : "";
}
