import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "../lib/paths.mjs";

const INTRODUCTION = `# Errors

Every error is JSON with a status from the table below:

\`\`\`json
{ "error": "Model not found", "details": "no model is called gpt-9; GET /v1/models lists them" }
\`\`\`

\`error\` says what went wrong, \`details\` why and what to do next. On the OpenAI-compatible routes (\`/v1/chat/completions\`,
\`GET /v1/models\`) OpenAI's client libraries, Vercel's AI SDK and LangChain get OpenAI's shape instead, as does whoever sends
\`x-sluice-error-format: openai\`; the option \`errorFormat\` settles it for a deployment:

\`\`\`json
{ "error": { "message": "Model not found: …", "type": "invalid_request_error", "param": "model", "code": "model_not_found" } }
\`\`\`

After the first output of a stream an error is one last event, \`data: {"error": {"message", "type", "code"}}\`, and no \`[DONE]\`
follows. \`Retry-After\` is set wherever a time is known. In the process the same failures are thrown as \`GatewayError\`, whose
\`code\` is the first column.

| code | status | \`error\` | OpenAI \`type\` | OpenAI \`code\` | Anthropic \`type\` |
|---|---|---|---|---|---|
`;

/** The table of every failure, from the code that raises them. */
export async function generate() {
  const { FAILURES } = await import(pathToFileURL(join(ROOT, "packages/core/dist/index.js")).href);
  const rows = Object.entries(FAILURES).map(
    ([code, { status, message, openaiType, openaiCode, anthropicType }]) =>
      `| \`${code}\` | ${status} | ${message} | \`${openaiType}\` | \`${openaiCode}\` | \`${anthropicType}\` |\n`,
  );
  return { "docs/errors.md": INTRODUCTION + rows.join("") };
}
