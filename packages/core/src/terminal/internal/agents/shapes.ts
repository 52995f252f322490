import type { ANTHROPIC_BASH, TextBlock } from "./vendors/anthropic-bash.js";
import type { OPENAI_LOCAL_SHELL } from "./vendors/openai-local-shell.js";
import type { OPENAI_SHELL, ShellOutput } from "./vendors/openai-shell.js";

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

/** Anthropic's own bash tool, as `POST /v1/messages` takes it. */
export type AnthropicBashTool = typeof ANTHROPIC_BASH;

/** The answer to a `tool_use` block of Anthropic's bash tool. */
export interface AnthropicBashResult {
  type: "tool_result";
  tool_use_id: string;
  content: TextBlock[];
  is_error: boolean;
}

/** OpenAI's own shell tool, as the Responses API takes it. */
export type OpenAIShellTool = typeof OPENAI_SHELL;

/** The earlier one. */
export type OpenAILocalShellTool = typeof OPENAI_LOCAL_SHELL;

/** An item of a response's output; those that are no calls of a shell on this machine are left to others. */
export interface OpenAIOutputItem {
  readonly type: string;
  readonly call_id?: string | null | undefined;
  readonly action?: unknown;
  readonly environment?: unknown;
}

/** The answer to a `shell_call`, as an item of the next request's input. */
export interface OpenAIShellCallOutput {
  type: "shell_call_output";
  call_id: string;
  output: ShellOutput[];
  max_output_length?: number;
}

/** The answer to a `local_shell_call`. */
export interface OpenAILocalShellCallOutput {
  type: "local_shell_call_output";
  /** The call's, which the reference has as `id` and the guide as `call_id`. */
  id: string;
  call_id: string;
  output: string;
}
