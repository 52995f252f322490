import type { ChatRequest } from "../../schemas/chat.js";
import { promptText } from "../prompt-text.js";

/** Above this, a second answer costs more time and money than it saves. */
const LONG_PROMPT_CHARACTERS = 200_000;

/** Why the answer to a request is not judged at all, so that routing decides before the call or not; null where it may be. */
export function whyNotJudged(request: ChatRequest): string | null {
  if (request.tools?.length) return "tools"; // calling twice may act twice
  if ((request.n ?? 1) > 1) return "several choices";
  if (request.logprobs) return "logprobs";
  if (request.seed !== undefined && request.seed !== null) return "seed"; // asks for the same answer again
  if (request.messages.some(hasMedia)) return "images";
  if (request.messages.some(({ role }) => role === "assistant" || role === "tool")) return "conversation"; // one model per conversation
  return null;
}

/** Why a second answer would tell nothing about the first; null where it may. */
export function whyNotCompared(request: ChatRequest): string | null {
  const prompt = promptText(request);
  if (prompt.length > LONG_PROMPT_CHARACTERS) return "long prompt";
  if (WRITES_CODE.test(prompt)) return "code"; // two right programs look different
  if (WRITES_TEXT.test(prompt)) return "free text";
  return null;
}

function hasMedia({ content }: ChatRequest["messages"][number]): boolean {
  return Array.isArray(content) && content.some(({ type }) => type !== "text" && type !== "refusal");
}

const VERB = String.raw`^\W*(?:please |can you |could you |help me (?:to )?|i (?:want|need) you to )?(?:write|compose|draft|generate|create|produce|implement|develop|design|rewrite|rephrase|translate|summari[sz]e|brainstorm)\b`;
const WRITES_CODE = new RegExp(
  String.raw`${VERB}[^.?!\n]{0,80}\b(?:code|function|program|script|class|method|query|sql|regex|html|css|python|javascript|typescript|java|rust|api|component|unit tests?)\b`,
  "im",
);
const WRITES_TEXT = new RegExp(
  String.raw`${VERB}[^.?!\n]{0,80}\b(?:story|essay|poem|article|e-?mail|letter|blog|post|song|lyrics|plan|report|speech|review|description|paragraph|dialogue|text|summary|itinerary|joke|slogans?|names|ideas)\b|^\W*(?:please )?(?:translate|summari[sz]e|rewrite|rephrase|brainstorm)\b`,
  "im",
);
