import type { TerminalSource } from "./internal/agents/agent-sessions.js";
import { Conversation } from "./internal/agents/conversation.js";
import { conversing, type TerminalConversation } from "./internal/agents/conversing.js";
import { resolvePolicy, type TerminalPolicy } from "./internal/agents/policy.js";
import type {
  AnthropicBashTool,
  AnthropicTool,
  McpTool,
  OpenAILocalShellTool,
  OpenAIShellTool,
  OpenAITool,
} from "./internal/agents/shapes.js";
import { inputSchema, toolsOf } from "./internal/agents/tools.js";
import { ANTHROPIC_BASH } from "./internal/agents/vendors/anthropic-bash.js";
import { OPENAI_LOCAL_SHELL } from "./internal/agents/vendors/openai-local-shell.js";
import { OPENAI_SHELL } from "./internal/agents/vendors/openai-shell.js";

export type { TerminalSource } from "./internal/agents/agent-sessions.js";
export type { AllowRule } from "./internal/agents/allow-rules.js";
export type { ToolAnswer } from "./internal/agents/answer.js";
export type { TerminalConversation, ToolCallOptions } from "./internal/agents/conversing.js";
export type {
  AgentAct,
  ApprovalRequest,
  ApprovalVerdict,
  Approve,
  ConversationBudget,
  TerminalPolicy,
} from "./internal/agents/policy.js";
export type {
  AnthropicBashResult,
  AnthropicBashTool,
  AnthropicBlock,
  AnthropicTool,
  AnthropicToolResult,
  McpTool,
  OpenAILocalShellCallOutput,
  OpenAILocalShellTool,
  OpenAIOutputItem,
  OpenAIShellCallOutput,
  OpenAIShellTool,
  OpenAITool,
  OpenAIToolCall,
  OpenAIToolMessage,
} from "./internal/agents/shapes.js";

/** Terminals as tools of a model. */
export interface TerminalTools {
  readonly openai: OpenAITool[];
  readonly anthropic: AnthropicTool[];
  readonly mcp: McpTool[];
  /** Anthropic's own bash tool in place of ours: `conversation.answerAnthropicBash` runs its calls. */
  readonly anthropicBash: AnthropicBashTool;
  /** OpenAI's own shell tool, and the earlier one: `conversation.answerOpenAIShell` runs their calls. */
  readonly openaiShell: OpenAIShellTool;
  readonly openaiLocalShell: OpenAILocalShellTool;
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
    anthropicBash: ANTHROPIC_BASH,
    openaiShell: OPENAI_SHELL,
    openaiLocalShell: OPENAI_LOCAL_SHELL,
    has,
    conversation: () => conversing(new Conversation(gateway, resolved, tools), has),
  };
}
