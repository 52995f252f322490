import { contentText, type SimulatedCall } from "./read-call.js";
import { tokensOf } from "./tokens.js";

/** Stands at the head of every text: nobody should take it for a model's. */
const WHO = "I am Sluice's built-in simulator, not a language model.";
const MAX_ECHO = 240;
/** Words of one token each. */
const OPENING = "I am a mock, not a model, so I just count:".split(" ");
const COUNTING = "one two three four five six seven eight nine ten".split(" ");

/** What the simulator says in prose. */
export function proseFor(call: SimulatedCall): string {
  const { tokens } = call.directives;
  if (tokens !== undefined) return counted(tokens);
  const results = call.since.filter(({ role }) => role === "tool" || role === "function");
  if (results.length > 0) return `${WHO} ${results.map((result) => resultSentence(call, result)).join(" ")}`;
  return call.message === "" ? `${WHO} You sent no text.` : `${WHO} You said: “${short(call.message)}”`;
}

/** The same for `response_format: json_object`, which names no fields. */
export function proseObject(call: SimulatedCall): object {
  return { simulated: true, answer: proseFor(call) };
}

function resultSentence(call: SimulatedCall, result: SimulatedCall["since"][number]): string {
  const calls = call.request.messages.flatMap(({ tool_calls: made }) => made ?? []);
  const name = calls.find(({ id }) => id === result.tool_call_id)?.function?.name ?? result.name ?? "The tool";
  return `${name} returned: ${short(contentText(result.content))}`;
}

function counted(count: number): string {
  const words = [...OPENING];
  for (let index = 0; words.length < count; index++) words.push(COUNTING[index % COUNTING.length] ?? "");
  return tokensOf(words.join(" ")).slice(0, count).join("");
}

function short(text: string): string {
  const characters = [...text.replace(/\s+/g, " ").trim()];
  return characters.length <= MAX_ECHO ? characters.join("") : `${characters.slice(0, MAX_ECHO).join("")}…`;
}
