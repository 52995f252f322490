import { z } from "zod";
import { type ChatMessage, ChatRequest } from "../../../schemas/chat.js";
import { digestOf } from "./digest.js";
import { type Directives, parseDirectives } from "./directives.js";

/** A tool that may be called. */
export interface OfferedTool {
  readonly name: string;
  readonly parameters: unknown;
}

/** A request as the simulator acts on it. */
export interface SimulatedCall {
  readonly request: ChatRequest;
  /** Stands for the whole request: equal requests get equal answers. */
  readonly digest: string;
  /** What the last user message says, its directives taken out. */
  readonly message: string;
  readonly directives: Directives;
  /** Messages after the last user message, which hold tool results. */
  readonly since: readonly ChatMessage[];
  readonly tools: readonly OfferedTool[];
  /** `auto`, `none`, `required`, or the name of the one tool to call. */
  readonly toolChoice: "auto" | "none" | "required" | { readonly name: string };
  /** The schema to answer in, `{}` for any JSON, undefined for prose. */
  readonly jsonSchema: unknown;
}

/** Why a request is refused with a 400. */
export interface Refusal {
  readonly problem: string;
  readonly param: string | null;
}

/** Of a longer message only this much is acted on. */
const MAX_READ = 32 * 1024;
const MAX_CHOICES = 8;
/** As OpenAI has it. */
const MAX_TOOLS = 128;

const NamedChoice = z.object({ function: z.object({ name: z.string() }) });
const AllowedTools = z.object({
  allowed_tools: z.object({ mode: z.enum(["auto", "required"]), tools: z.array(NamedChoice) }),
});
const JsonSchemaFormat = z.object({ json_schema: z.object({ schema: z.unknown().optional() }) });

/** Reads the body of a call; what no OpenAI server would take is refused here as well. */
export function readCall(body: string): SimulatedCall | Refusal {
  const parsed = ChatRequest.safeParse(parseJson(body));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const param = issue?.path.join(".") ?? "";
    return { problem: `${param || "body"}: ${issue?.message ?? "is invalid"}`, param: param || null };
  }
  const request = parsed.data;
  if ((request.n ?? 1) > MAX_CHOICES)
    return { problem: `n: the simulator makes at most ${MAX_CHOICES} choices`, param: "n" };
  const lastUser = request.messages.findLastIndex(({ role }) => role === "user");
  const found = parseDirectives(contentText(request.messages[lastUser]?.content).slice(0, MAX_READ));
  if ("problem" in found) return { problem: found.problem, param: `messages[${lastUser}].content` };
  const choice = toolsOf(request);
  if ("problem" in choice) return choice;
  return {
    request,
    digest: digestOf(body),
    message: found.text,
    directives: found.directives,
    since: request.messages.slice(lastUser + 1),
    ...choice,
    jsonSchema: jsonSchemaOf(request),
  };
}

/** The text of a message, its parts joined. */
export function contentText(content: ChatMessage["content"]): string {
  if (typeof content === "string") return content;
  return (content ?? []).map((part) => (typeof part.text === "string" ? part.text : "")).join("\n");
}

function toolsOf(request: ChatRequest): Pick<SimulatedCall, "tools" | "toolChoice"> | Refusal {
  if ((request.tools?.length ?? 0) > MAX_TOOLS)
    return { problem: `tools: the simulator takes at most ${MAX_TOOLS}`, param: "tools" };
  const tools = (request.tools ?? []).flatMap((tool) =>
    tool.function ? [{ name: tool.function.name, parameters: tool.function.parameters }] : [],
  );
  const choice = request.tool_choice ?? "auto";
  if (choice === "auto" || choice === "none") return { tools, toolChoice: choice };
  const allowed = AllowedTools.safeParse(choice).data?.allowed_tools;
  if (allowed) {
    const names = new Set(allowed.tools.map(({ function: { name } }) => name));
    return { tools: tools.filter(({ name }) => names.has(name)), toolChoice: allowed.mode };
  }
  if (tools.length === 0) return { problem: "tool_choice is only allowed when tools are given", param: "tool_choice" };
  if (choice === "required") return { tools, toolChoice: "required" };
  const named = NamedChoice.safeParse(choice).data?.function.name;
  if (named !== undefined && tools.some(({ name }) => name === named)) return { tools, toolChoice: { name: named } };
  return { problem: "tool_choice names no tool of this request", param: "tool_choice" };
}

function jsonSchemaOf({ response_format: format }: ChatRequest): unknown {
  if (format?.type === "json_object") return {};
  if (format?.type !== "json_schema") return undefined;
  return JsonSchemaFormat.safeParse(format).data?.json_schema.schema ?? {};
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
