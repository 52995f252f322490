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
  if (results.length > 0) {
    const names = toolNames(call);
    return `${WHO} ${results.map((result) => resultSentence(names, result)).join(" ")}`;
  }
  return call.message === "" ? `${WHO} You sent no text.` : `${WHO} You said: “${short(call.message)}”`;
}

/** The same for `response_format: json_object`, which names no fields. */
export function proseObject(call: SimulatedCall): object {
  return { simulated: true, answer: proseFor(call) };
}

/** Which tool each call of the conversation was of, by the call's id. */
function toolNames({ request }: SimulatedCall): ReadonlyMap<string | undefined, string | undefined> {
  return new Map(
    request.messages.flatMap(({ tool_calls: made }) => made ?? []).map(({ id, ...call }) => [id, call.function?.name]),
  );
}

function resultSentence(
  names: ReadonlyMap<string | undefined, string | undefined>,
  result: SimulatedCall["since"][number],
): string {
  const name = names.get(result.tool_call_id) ?? result.name ?? "The tool";
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
