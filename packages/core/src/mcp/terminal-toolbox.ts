import { type TerminalPolicy, type TerminalSource, terminalTools } from "../terminal/agents.js";
import type { Toolbox } from "./toolbox.js";

/** Terminals as tools of one MCP session. Who the policy does not ask is asked through the client. */
export function terminalToolbox(gateway: TerminalSource, policy: TerminalPolicy): Toolbox {
  const tools = terminalTools(gateway, policy);
  const conversation = tools.conversation();
  return {
    tools: tools.mcp,
    has: (name) => tools.has(name),
    call: (name, input, { signal, approve }) =>
      conversation.call(name, input, { signal, approve: policy.approve ?? approve }),
    close: () => conversation.close(),
  };
}
