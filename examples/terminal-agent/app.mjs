import { Gateway } from "@sluice/core";
import { terminalTools } from "@sluice/core/terminal/agents";
import OpenAI from "openai";

/** Commands that nobody is asked about: they read, and every word that may follow them is named. */
const ALLOW = ["uname", "git status", { command: "ls", flags: ["-l", "-a"], operands: true }];
const MAX_STEPS = 8;

/**
 * A model with a terminal: it asks for commands, the policy or a person says which run, and the results go back to it.
 * `approve` is the person; without one, what no rule allows is refused.
 */
export function buildApp({ approve, model = "auto", ...options } = {}) {
  const gateway = new Gateway(options);
  const client = new OpenAI({
    apiKey: "unused",
    baseURL: "http://localhost/v1",
    fetch: (url, init) => gateway.fetch(new Request(url, init)),
  });
  const tools = terminalTools(gateway, { allow: ALLOW, approve, budget: { commands: 20 } });

  /** Answers a question, with as many commands as the model asks for; gives the whole conversation. */
  async function ask(question) {
    const messages = [{ role: "user", content: question }];
    const conversation = tools.conversation();
    try {
      for (let step = 0; step < MAX_STEPS; step++) {
        const { choices } = await client.chat.completions.create({ model, messages, tools: tools.openai });
        const { message } = choices[0];
        messages.push(message);
        if (!message.tool_calls?.length) break;
        messages.push(...(await conversation.answerOpenAI(message.tool_calls)));
      }
      return messages;
    } finally {
      await conversation.close();
    }
  }

  return { gateway, ask };
}
