import type { ChatRequest } from "../../schemas/chat.js";
import { cannot } from "./request-error.js";

/** Tools and the choice among them; both undefined for a request without tools. */
export interface ToolFields {
  readonly tools?: readonly object[];
  readonly tool_choice?: {
    readonly type: string;
    readonly name?: string;
    readonly disable_parallel_tool_use?: boolean;
  };
}

/** @throws GatewayError `invalid_request` for a tool that is no function */
export function toolFields({ tools, tool_choice: choice, parallel_tool_calls: parallel }: ChatRequest): ToolFields {
  if (!tools || tools.length === 0) return {};
  const chosen = toolChoice(choice);
  const serial = parallel === false && chosen?.type !== "none" ? { disable_parallel_tool_use: true } : {};
  const withChoice =
    chosen || parallel === false ? { tool_choice: { ...(chosen ?? { type: "auto" }), ...serial } } : {};
  return { tools: tools.map(tool), ...withChoice };
}

function tool(given: NonNullable<ChatRequest["tools"]>[number], index: number): object {
  if (given.type !== "function" || !given.function) {
    throw cannot(`tools[${index}].type`, "only function tools can be sent to this model");
  }
  const { name, description, parameters } = given.function;
  return {
    name,
    ...(description ? { description } : {}),
    input_schema: parameters ? { type: "object", ...parameters } : { type: "object", properties: {} },
    ...(given.cache_control ? { cache_control: given.cache_control } : {}),
  };
}

function toolChoice(choice: ChatRequest["tool_choice"]): { readonly type: string; readonly name?: string } | undefined {
  if (choice === undefined || choice === null) return undefined;
  if (choice === "auto" || choice === "none") return { type: choice };
  if (choice === "required") return { type: "any" };
  const name = typeof choice === "object" && choice.type === "function" ? nameOf(choice.function) : undefined;
  if (name === undefined) throw cannot("tool_choice", "must be auto, none, required or name a function");
  return { type: "tool", name };
}

function nameOf(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || !("name" in value)) return undefined;
  return typeof value.name === "string" ? value.name : undefined;
}
