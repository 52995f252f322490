import type { ChatRequest } from "../schemas/chat.js";
import type { Model } from "../schemas/model.js";

/** What a request asks of a model besides answering. */
export interface Needs {
  /** Names of capabilities, as models say them. */
  readonly capabilities: readonly string[];
  /** Tokens of the prompt, estimated, and of the longest answer asked for. */
  readonly tokens: number;
}

/** Characters a token has on average; an estimate errs on the side of letting a request through. */
const CHARACTERS_PER_TOKEN = 4;

/** What a chat needs; `characters` is the length of its JSON text. */
export function needsOf(request: ChatRequest, characters: number): Needs {
  const capabilities: string[] = [];
  if (request.tools?.length) capabilities.push("tools");
  if (request.messages.some(showsImages)) capabilities.push("vision");
  const answer = request.max_completion_tokens ?? request.max_tokens ?? 0;
  // An image in the body is long as text and short as tokens, so then the length tells nothing.
  const prompt = capabilities.includes("vision") ? 0 : Math.floor(characters / CHARACTERS_PER_TOKEN / 2);
  return { capabilities, tokens: prompt + answer };
}

function showsImages({ content }: ChatRequest["messages"][number]): boolean {
  return Array.isArray(content) && content.some(({ type }) => type === "image_url");
}

/** Why a model cannot serve a request, or null. A model that says nothing of itself is given the benefit of the doubt. */
export function whyUnable({ capabilities, contextWindow }: Model, needs: Needs): string | null {
  const missing = capabilities && needs.capabilities.find((capability) => !capabilities.includes(capability));
  if (missing) return `no ${missing}`;
  if (contextWindow !== undefined && needs.tokens > contextWindow) return "context window too small";
  return null;
}
