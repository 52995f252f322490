import type { LeaveSignal } from "../spec/http.js";
import type { TerminalSource } from "./internal/agents/agent-sessions.js";
import { failure, type ToolAnswer } from "./internal/agents/answer.js";
import { Conversation } from "./internal/agents/conversation.js";
import { type Approve, resolvePolicy, type TerminalPolicy } from "./internal/agents/policy.js";
import { inputSchema, toolsOf } from "./internal/agents/tools.js";

export type { TerminalSource } from "./internal/agents/agent-sessions.js";
export type { AllowRule } from "./internal/agents/allow-rules.js";
export type { ToolAnswer } from "./internal/agents/answer.js";
export type {
  AgentAct,
  ApprovalRequest,
  ApprovalVerdict,
  Approve,
  ConversationBudget,
  TerminalPolicy,
} from "./internal/agents/policy.js";

/** A tool as `POST /v1/chat/completions` takes it. */
export interface OpenAITool {
  readonly type: "function";
  readonly function: {
    readonly name: string;
    readonly description: string;
    readonly parameters: Record<string, unknown>;
  };
}

/** A tool as `POST /v1/messages` takes it. */
export interface AnthropicTool {
  readonly name: string;
  readonly description: string;
  readonly input_schema: { readonly type: "object"; readonly [key: string]: unknown };
}

/** A tool as the Model Context Protocol lists it. Its annotations are hints: what may be done the policy decides. */
export interface McpTool {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: { readonly type: "object"; readonly [key: string]: unknown };
  readonly annotations: {
    readonly readOnlyHint: boolean;
    readonly destructiveHint: boolean;
    readonly openWorldHint: boolean;
  };
}

/** The call of a tool in an OpenAI message; other kinds of calls are left to others. */
export interface OpenAIToolCall {
  readonly id: string;
  readonly type?: string | undefined;
  readonly function?: { readonly name: string; readonly arguments: string } | undefined;
}

/** The answer to one, as a message. */
export interface OpenAIToolMessage {
  role: "tool";
  tool_call_id: string;
  content: string;
}

/** A block of an Anthropic message; those that use none of these tools are left to others. */
export interface AnthropicBlock {
  readonly type: string;
  readonly id?: string | undefined;
  readonly name?: string | undefined;
  readonly input?: unknown;
}

/** The answer to a `tool_use` block. */
export interface AnthropicToolResult {
  type: "tool_result";
  tool_use_id: string;
  content: string;
  is_error: boolean;
}

/** How to run a tool. */
export interface ToolCallOptions {
  /** Stops what the tool runs. */
  readonly signal?: LeaveSignal | undefined;
  /** Who is asked in this call. @defaultValue who the policy says */
  readonly approve?: Approve | undefined;
}

/** One model at work: its terminals, what was approved, and what it has used of its budget. */
export interface TerminalConversation {
  readonly id: string;
  /** Runs one tool. Never rejects: what a model did wrong it is told. */
  call(name: string, input: unknown, options?: ToolCallOptions): Promise<ToolAnswer>;
  /** Runs those of a message's tool calls that are of these tools, in order; gives the messages that answer them. */
  answerOpenAI(calls: readonly OpenAIToolCall[] | undefined, options?: ToolCallOptions): Promise<OpenAIToolMessage[]>;
  /** The same for the content of an Anthropic message; gives the blocks of the message that answers it. */
  answerAnthropic(content: readonly AnthropicBlock[], options?: ToolCallOptions): Promise<AnthropicToolResult[]>;
  /** Ends its terminals, with everything that runs in them. */
  close(): Promise<void>;
}

/** Terminals as tools of a model. */
export interface TerminalTools {
  readonly openai: OpenAITool[];
  readonly anthropic: AnthropicTool[];
  readonly mcp: McpTool[];
  /** Whether a tool is one of these. */
  has(name: string): boolean;
  /** Begins a conversation. Close it: its terminals live on otherwise, until they were idle for long. */
  conversation(): TerminalConversation;
}

/**
 * Makes terminals tools of a model, within a policy: what no rule allows and nobody approves is refused.
 *
 * @throws TypeError for a policy that contradicts itself, such as a rule that would allow anything
 *
 * @example
 * ```ts
 * const tools = terminalTools(gateway, { allow: ["git status"], approve: async ({ shown }) => ask(shown) });
 * const conversation = tools.conversation();
 * const { choices: [{ message }] } = await openai.chat.completions.create({ model, messages, tools: tools.openai });
 * messages.push(message, ...(await conversation.answerOpenAI(message.tool_calls)));
 * await conversation.close();
 * ```
 */
export function terminalTools(gateway: TerminalSource, policy: TerminalPolicy): TerminalTools {
  const resolved = resolvePolicy(policy);
  const tools = toolsOf(resolved);
  const shown = tools.map((tool) => ({ ...tool, schema: { ...inputSchema(tool), type: "object" as const } }));
  const has = (name: string | undefined) => tools.some((tool) => tool.name === name);
  return {
    openai: shown.map(({ name, description, schema: parameters }) => ({
      type: "function",
      function: { name, description, parameters },
    })),
    anthropic: shown.map(({ name, description, schema }) => ({ name, description, input_schema: schema })),
    mcp: shown.map(({ name, description, schema, readOnly, destructive }) => ({
      name,
      description,
      inputSchema: schema,
      annotations: { readOnlyHint: readOnly, destructiveHint: destructive, openWorldHint: true },
    })),
    has,
    conversation: () => conversing(new Conversation(gateway, resolved, tools), has),
  };
}

function conversing(own: Conversation, has: (name: string | undefined) => boolean): TerminalConversation {
  const call: TerminalConversation["call"] = (name, input, { signal = STAYS, approve } = {}) =>
    own.call(name, input, { signal, approve });
  return {
    id: own.id,
    call,
    async answerOpenAI(calls = [], options) {
      const messages: OpenAIToolMessage[] = [];
      for (const { id, function: asked } of calls) {
        if (!asked || !has(asked.name)) continue;
        const input = jsonOf(asked.arguments);
        const { text } =
          input === NO_JSON ? failure("invalid arguments: no JSON") : await call(asked.name, input, options);
        messages.push({ role: "tool", tool_call_id: id, content: text });
      }
      return messages;
    },
    async answerAnthropic(content, options) {
      const results: AnthropicToolResult[] = [];
      for (const { type, id = "", name = "", input } of content) {
        if (type !== "tool_use" || !has(name)) continue;
        const { text, isError } = await call(name, input, options);
        results.push({ type: "tool_result", tool_use_id: id, content: text, is_error: isError });
      }
      return results;
    },
    close: () => own.close(),
  };
}

const NO_JSON = Symbol("no JSON");

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text === "" ? "{}" : text);
  } catch {
    return NO_JSON;
  }
}

/** The signal of a caller who cannot leave. */
const STAYS: LeaveSignal = { aborted: false, addEventListener() {}, removeEventListener() {} };
