import type { ChatMessage } from "../../schemas/chat.js";
import type { Block, Turn } from "./block.js";
import { contentBlocks, textBlock } from "./request-content.js";
import { cannot } from "./request-error.js";
import { toolId } from "./tool-ids.js";

/** A conversation in the form of the Messages API. */
export interface Conversation {
  readonly system: Block[];
  readonly messages: readonly Turn[];
}

/** The API begins with the user; a conversation that the assistant opened gets this before it. */
const OPENING = "(The assistant opens the conversation.)";

/** @throws GatewayError `invalid_request` naming the message that has no form in the API */
export function conversation(messages: readonly ChatMessage[]): Conversation {
  const leading = messages.findIndex(({ role }) => role !== "system" && role !== "developer");
  const head = leading < 0 ? messages.length : leading;
  const system = messages
    .slice(0, head)
    .flatMap(({ content }, index) => contentBlocks(content, `messages[${index}].content`));
  const turns = new Turns();
  for (let index = head; index < messages.length; index++) addMessage(turns, messages, index);
  return { system, messages: turns.finish() };
}

function addMessage(turns: Turns, messages: readonly ChatMessage[], index: number): void {
  const message = messages[index] as ChatMessage; // index < length
  const path = `messages[${index}]`;
  switch (message.role) {
    case "system":
    case "developer":
      turns.postpone(contentBlocks(message.content, `${path}.content`));
      break;
    case "user":
      turns.addUser(contentBlocks(message.content, `${path}.content`));
      break;
    case "assistant":
      turns.addAssistant(assistantBlocks(message, path));
      turns.expectResults(message.tool_calls?.map(({ id }) => id) ?? [], path);
      break;
    case "tool":
      turns.addResult(message, path);
      break;
    case "function":
      throw cannot(`${path}.role`, "function messages are superseded; send tool messages");
  }
}

/**
 * Whether the conversation ends with results of calls that were made without reasoning, or whose reasoning the caller has
 * not sent back, as most clients do not. The API then refuses to reason in the same turn.
 */
export function isWithinUnreasonedTurn(messages: readonly Turn[]): boolean {
  if (!messages.at(-1)?.content.some(({ type }) => type === "tool_result")) return false;
  const type = messages.at(-2)?.content[0]?.type;
  return type !== "thinking" && type !== "redacted_thinking";
}

/** Signed reasoning first, as the API wants it back; then the text; then the calls. */
function assistantBlocks(message: ChatMessage, path: string): Block[] {
  const calls = message.tool_calls ?? [];
  if (message.function_call) throw cannot(`${path}.function_call`, "is superseded; send tool_calls");
  return [
    ...signedThinking(message.thinking_blocks),
    ...contentBlocks(message.content, `${path}.content`),
    ...(typeof message.refusal === "string" ? textBlock(message.refusal, undefined) : []),
    ...calls.map((call, index) => toolUse(call, `${path}.tool_calls[${index}]`)),
  ];
}

/** Reasoning goes back only as it came: the API refuses blocks without their signature. */
function signedThinking(blocks: unknown): Block[] {
  if (!Array.isArray(blocks)) return [];
  return blocks.filter(
    (block): block is Block =>
      typeof block === "object" &&
      block !== null &&
      ((block.type === "thinking" && typeof block.signature === "string" && block.signature !== "") ||
        block.type === "redacted_thinking"),
  );
}

function toolUse(call: NonNullable<ChatMessage["tool_calls"]>[number], path: string): Block {
  if (!call.function) throw cannot(`${path}.type`, "only function calls can be sent to this model");
  return {
    type: "tool_use",
    id: toolId(call.id),
    name: call.function.name,
    input: parsedArguments(call.function.arguments, path),
  };
}

function parsedArguments(text: string, path: string): unknown {
  if (text.trim() === "") return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  } catch {
    // falls through to the same refusal
  }
  throw cannot(`${path}.function.arguments`, "must be the text of a JSON object");
}

/** Builds turns that alternate, each tool result right behind its call. */
class Turns {
  readonly #turns: { role: Turn["role"]; content: Block[] }[] = [];
  /** Later system messages: they join the next user turn, since hoisting them would change what they mean. */
  #postponed: Block[] = [];
  #open = new Set<string>();
  #opener = "";

  postpone(blocks: Block[]): void {
    this.#postponed = this.#postponed.concat(blocks);
  }

  addUser(blocks: Block[]): void {
    this.#closeResults();
    this.#push("user", [...this.#postponed, ...blocks]);
    this.#postponed = [];
  }

  addAssistant(blocks: Block[]): void {
    this.#closeResults();
    this.#flushPostponed();
    this.#push("assistant", blocks);
  }

  expectResults(ids: readonly string[], path: string): void {
    this.#open = new Set(ids);
    this.#opener = path;
  }

  addResult(message: ChatMessage, path: string): void {
    const id = message.tool_call_id ?? "";
    if (!this.#open.delete(id))
      throw cannot(`${path}.tool_call_id`, "answers no tool call of the assistant turn before it");
    const content = contentBlocks(message.content, `${path}.content`);
    this.#push("user", [
      {
        type: "tool_result",
        tool_use_id: toolId(id),
        ...(content.length > 0 ? { content } : {}),
        ...(message.is_error === true ? { is_error: true } : {}),
      },
    ]);
  }

  finish(): readonly Turn[] {
    this.#closeResults();
    this.#flushPostponed();
    const last = this.#turns.at(-1);
    if (last?.role === "assistant") trimPrefill(last.content);
    const turns = this.#turns.filter(({ content }) => content.length > 0);
    if (turns.length === 0) throw cannot("messages", "hold nothing but empty text");
    return turns[0]?.role === "user" ? turns : [{ role: "user", content: textBlock(OPENING, undefined) }, ...turns];
  }

  #flushPostponed(): void {
    this.#push("user", this.#postponed);
    this.#postponed = [];
  }

  #closeResults(): void {
    const [missing] = this.#open;
    if (missing !== undefined)
      throw cannot(`${this.#opener}.tool_calls`, `call ${missing.slice(0, 100)} has no tool message with its result`);
  }

  #push(role: Turn["role"], blocks: Block[]): void {
    if (blocks.length === 0) return;
    const last = this.#turns.at(-1);
    // One by one: a call takes no more arguments than the stack has room for, and a message may have more parts.
    if (last?.role === role) for (const block of blocks) last.content.push(block);
    else this.#turns.push({ role, content: [...blocks] });
  }
}

/** The API refuses white space at the end of a prefilled answer. */
function trimPrefill(content: Block[]): void {
  const last = content.at(-1);
  if (last?.type !== "text") return;
  content[content.length - 1] = { ...last, text: String(last.text).trimEnd() };
}
