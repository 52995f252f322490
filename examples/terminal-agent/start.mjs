import { createInterface } from "node:readline/promises";
import { buildApp } from "./app.mjs";

const person = createInterface({ input: process.stdin, output: process.stdout });

/** The person at this terminal decides. `shown` has nothing in it that a screen would hide or obey. */
async function approve({ shown, cwd, reason, signal }) {
  const answer = await person.question(
    `\nThe model wants to run in ${cwd} (${reason}):\n\n  ${shown}\n\n[y]es, [a]lways, [N]o? `,
    {
      signal,
    },
  );
  return { y: "once", a: "conversation" }[answer.trim().toLowerCase()] ?? "deny";
}

const { OPENROUTER_API_KEY: apiKey } = process.env;
const { gateway, ask } = buildApp({ approve, ...(apiKey ? { providers: { openrouter: { apiKey } } } : {}) });
// The simulator, which answers without a key, calls the tool that is named with what stands in quotes.
const question = process.argv[2] ?? 'Use terminal_execute with "echo $((6 * 7))"';
for (const { role, content, tool_calls: calls } of await ask(question)) {
  console.log(`${role}: ${content ?? JSON.stringify(calls.map((call) => call.function))}`);
}
person.close();
await gateway.close();
