import type { LeaveSignal } from "../../../spec/http.js";
import { failure, type ToolAnswer } from "./answer.js";
import type { Conversation } from "./conversation.js";
import type { Approve } from "./policy.js";
import type {
  AnthropicBashResult,
  AnthropicBlock,
  AnthropicToolResult,
  OpenAILocalShellCallOutput,
  OpenAIOutputItem,
  OpenAIShellCallOutput,
  OpenAIToolCall,
  OpenAIToolMessage,
} from "./shapes.js";
import { ANTHROPIC_BASH, answerBash } from "./vendors/anthropic-bash.js";
import { answerLocalShell } from "./vendors/openai-local-shell.js";
import { answerShell, type ShellAnswer } from "./vendors/openai-shell.js";
import type { VendorCall } from "./vendors/vendor-call.js";

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
  /**
   * Runs those `tool_use` blocks that are of Anthropic's own bash tool, in the conversation's default session; gives the
   * blocks of the message that answers them.
   */
  answerAnthropicBash(content: readonly AnthropicBlock[], options?: ToolCallOptions): Promise<AnthropicBashResult[]>;
  /** The same for the calls of OpenAI's shell tools in a response's output; gives items of the next request's input. */
  answerOpenAIShell(
    output: readonly OpenAIOutputItem[],
    options?: ToolCallOptions,
  ): Promise<(OpenAIShellCallOutput | OpenAILocalShellCallOutput)[]>;
  /** Ends its terminals, with everything that runs in them. */
  close(): Promise<void>;
}

/** A conversation as each vendor's messages speak to it. @param has - whether a tool is one of the conversation's */
export function conversing(own: Conversation, has: (name: string | undefined) => boolean): TerminalConversation {
  const call: TerminalConversation["call"] = (name, input, { signal = STAYS, approve } = {}) =>
    own.call(name, input, { signal, approve });
  const asVendor =
    ({ signal = STAYS, approve }: ToolCallOptions = {}): VendorCall =>
    (name, input, vendor = {}) =>
      own.call(name, input, { signal, approve, vendor });
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
    async answerAnthropicBash(content, options) {
      const results: AnthropicBashResult[] = [];
      for (const { type, id = "", name, input } of content) {
        if (type !== "tool_use" || name !== ANTHROPIC_BASH.name) continue;
        const { content: told, isError } = await answerBash(input, asVendor(options));
        results.push({ type: "tool_result", tool_use_id: id, content: told, is_error: isError });
      }
      return results;
    },
    async answerOpenAIShell(output, options) {
      const items: (OpenAIShellCallOutput | OpenAILocalShellCallOutput)[] = [];
      for (const item of output) {
        const id = item.call_id ?? "";
        if (item.type === "shell_call" && !isElsewhere(item)) {
          items.push(shellOutput(id, await answerShell(item.action, asVendor(options))));
        } else if (item.type === "local_shell_call") {
          const told = await answerLocalShell(item.action, asVendor(options));
          items.push({ type: "local_shell_call_output", id, call_id: id, output: told });
        }
      }
      return items;
    },
    close: () => own.close(),
  };
}

/** Whether it runs in a container of OpenAI's. */
function isElsewhere({ environment }: OpenAIOutputItem): boolean {
  return (
    typeof environment === "object" && environment !== null && "type" in environment && environment.type !== "local"
  );
}

function shellOutput(id: string, { output, maxOutputLength }: ShellAnswer): OpenAIShellCallOutput {
  const item: OpenAIShellCallOutput = { type: "shell_call_output", call_id: id, output };
  return maxOutputLength === null ? item : { ...item, max_output_length: maxOutputLength };
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
