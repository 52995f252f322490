import { chooseTools, type SimulatedToolCall } from "./choose-tools.js";
import { Hints } from "./hints.js";
import { contentText, type SimulatedCall } from "./read-call.js";
import { schemaValue } from "./schema-value.js";
import { TokenBudget } from "./tokens.js";
import { proseFor, proseObject } from "./words.js";

/** One choice of an answer. */
export interface SimulatedChoice {
  readonly content: string | null;
  readonly toolCalls: readonly SimulatedToolCall[];
  readonly finish: "stop" | "length" | "tool_calls";
  readonly tokens: number;
}

/** OpenAI's usage object. */
export interface SimulatedUsage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
}

const CHARACTERS_PER_TOKEN = 4;
/** What a message costs on top of its text. */
const TOKENS_PER_MESSAGE = 4;

/** Every choice of the answer to a call. */
export function choicesFor(call: SimulatedCall): SimulatedChoice[] {
  return Array.from({ length: call.request.n ?? 1 }, (_, index) => choiceFor(call, index));
}

/** What the call would have cost. */
export function usageOf({ request }: SimulatedCall, choices: readonly SimulatedChoice[]): SimulatedUsage {
  const characters = (text: string) => Math.ceil(text.length / CHARACTERS_PER_TOKEN);
  const messages = request.messages.map(
    ({ content, tool_calls: calls }) =>
      TOKENS_PER_MESSAGE + characters(contentText(content)) + (calls ? characters(JSON.stringify(calls)) : 0),
  );
  const tools = request.tools ? characters(JSON.stringify(request.tools)) : 0;
  const prompt = messages.reduce((sum, tokens) => sum + tokens, tools);
  const completion = choices.reduce((sum, { tokens }) => sum + tokens, 0);
  return { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
}

function choiceFor(call: SimulatedCall, index: number): SimulatedChoice {
  const { request } = call;
  const budget = new TokenBudget(request.max_completion_tokens ?? request.max_tokens ?? Number.POSITIVE_INFINITY);
  const toolCalls = chooseTools(call, index).map((made) => ({ ...made, arguments: budget.take(made.arguments) }));
  const content = toolCalls.length > 0 ? null : budget.take(stopped(textFor(call, index), request.stop));
  const finish = budget.exceeded ? "length" : toolCalls.length > 0 ? "tool_calls" : "stop";
  return { content, toolCalls, finish, tokens: budget.spent };
}

function textFor(call: SimulatedCall, index: number): string {
  if (call.jsonSchema !== undefined) {
    const free = Object.keys(Object(call.jsonSchema)).length === 0;
    return JSON.stringify(free ? proseObject(call) : schemaValue(call.jsonSchema, new Hints(call.message)));
  }
  return index === 0 ? proseFor(call) : `${proseFor(call)} (Choice ${index + 1}.)`;
}

/** The text before the first stop sequence. */
function stopped(text: string, stop: string | readonly string[] | null | undefined): string {
  let end = text.length;
  for (const sequence of typeof stop === "string" ? [stop] : (stop ?? [])) {
    const at = sequence === "" ? -1 : text.indexOf(sequence);
    if (at >= 0 && at < end) end = at;
  }
  return text.slice(0, end);
}
