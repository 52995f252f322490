import type { LeaveSignal } from "../spec/http.js";
import type { Approve, McpTool, ToolAnswer } from "../terminal/agents.js";

/** Who calls a tool. */
export interface ToolCaller {
  /** Aborts when the caller does not want the answer any more. */
  readonly signal: LeaveSignal;
  /** Asks the person before the caller. */
  readonly approve: Approve;
}

/** Some tools, and who runs them. */
export interface Toolbox {
  readonly tools: readonly McpTool[];
  has(name: string): boolean;
  /** Never rejects. */
  call(name: string, input: unknown, caller: ToolCaller): Promise<ToolAnswer>;
  close(): Promise<void>;
}
