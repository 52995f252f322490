import type { ChatRequest } from "../schemas/chat.js";

/** What a call asks of a model besides an answer. */
export interface CallNeeds {
  /** Names of capabilities, as models say them. */
  readonly capabilities: readonly string[];
  /** Tokens of the prompt, estimated low, and of the longest answer asked for. */
  readonly tokens: number;
}

/** No text has more characters to a token than this; so a call is refused only where it cannot fit. */
const MOST_CHARACTERS_PER_TOKEN = 8;

const NONE: readonly string[] = [];

/** What a chat needs; `characters` is the length of its JSON text. */
export function chatNeeds(request: ChatRequest, characters: number): CallNeeds {
  const images = request.messages.some(showsImages);
  const tools = (request.tools?.length ?? 0) > 0;
  const capabilities = tools || images ? [...(tools ? ["tools"] : []), ...(images ? ["vision"] : [])] : NONE;
  // An image is long as text and short as tokens, so with one the length tells nothing.
  const prompt = images ? 0 : Math.floor(characters / MOST_CHARACTERS_PER_TOKEN);
  return { capabilities, tokens: prompt + (request.max_completion_tokens ?? request.max_tokens ?? 0) };
}

function showsImages({ content }: ChatRequest["messages"][number]): boolean {
  return typeof content === "object" && content !== null && content.some(({ type }) => type === "image_url");
}
