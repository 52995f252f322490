import { digestOf } from "./digest.js";
import { Hints } from "./hints.js";
import type { OfferedTool, SimulatedCall } from "./read-call.js";
import { schemaValue } from "./schema-value.js";

/** A tool call to answer with. */
export interface SimulatedToolCall {
  readonly id: string;
  readonly name: string;
  /** JSON text. */
  readonly arguments: string;
}

/** The tools a call of this kind leads to; none where it is answered in text. */
export function chooseTools(call: SimulatedCall, choice: number): SimulatedToolCall[] {
  const tools = chosen(call);
  if (tools.length === 0) return [];
  const message = withoutNames(call);
  return tools.map((tool, index) => ({
    id: `call_${digestOf(call.digest, `${choice}`, `${index}`)}`,
    name: tool.name,
    arguments: JSON.stringify(schemaValue(objectSchema(tool.parameters), new Hints(message))),
  }));
}

function chosen({ since, tools, toolChoice, message, request }: SimulatedCall): readonly OfferedTool[] {
  // Results are there to be told, or a client's tool loop would never end.
  if (toolChoice === "none" || since.some(({ role }) => role === "tool" || role === "function")) return [];
  if (typeof toolChoice === "object") return tools.filter(({ name }) => name === toolChoice.name).slice(0, 1);
  const named = tools
    .map((tool) => ({ tool, at: mention(message, tool.name) }))
    .filter(({ at }) => at >= 0)
    .sort((left, right) => left.at - right.at)
    .map(({ tool }) => tool);
  const calls = named.length === 0 && toolChoice === "required" ? tools.slice(0, 1) : named;
  return request.parallel_tool_calls === false ? calls.slice(0, 1) : calls;
}

/** Where a message names a tool as a word of its own; -1 where it does not. */
function mention(message: string, name: string): number {
  if (name === "") return -1; // it would be found for ever at the message's end
  const text = message.toLowerCase();
  const wanted = name.toLowerCase();
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) {
    if (!/[\w-]/.test(text.charAt(at - 1)) && !/[\w-]/.test(text.charAt(at + wanted.length))) return at;
  }
  return -1;
}

/** The message without the tools' names, which are no values. */
function withoutNames({ message, tools }: SimulatedCall): string {
  return tools.reduce((text, { name }) => (name === "" ? text : text.replaceAll(name, " ")), message);
}

/** A tool without parameters takes an empty object. */
function objectSchema(parameters: unknown): unknown {
  return parameters ?? { type: "object", properties: {} };
}
