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

| code | status | \`error\` | what to do | OpenAI \`type\` | OpenAI \`code\` | Anthropic \`type\` |
|---|---|---|---|---|---|---|
`;

/** What whoever gets an error can do about it. */
const ADVICE = {
  invalid_request: "Correct what `details` names; sending it again unchanged fails again.",
  context_length_exceeded: "Shorten the prompt, or ask for a model with a larger `contextWindow`.",
  content_filter: "Change the prompt, or ask for another provider's model.",
  unauthorized: "Send a credential: `Authorization: Bearer …` or `x-api-key: …`.",
  insufficient_quota: "Raise the budget, or wait for its next period. Client libraries do not retry this.",
  forbidden:
    "Read `details`: it names the role that is missing, or the option (`publicHosts`, `corsOrigins`) that lets this caller in.",
  not_found: "Check the path; `GET /docs` shows every route. A trailing slash is another path.",
  model_not_found: "Check the name; `GET /v1/models` lists every model.",
  method_not_allowed: "Use a method that the `Allow` header names.",
  request_timeout: "Send the whole request within the time `details` names.",
  invalid_configuration: "Correct the key that `details` names; until then what was in force stays in force.",
  conflict: "It exists already: change it with `PUT`, or choose another id.",
  host_key_changed:
    "Find out why: a new host, or somebody in between. If the new key is right, an admin removes the old one with `DELETE /v1/terminal/hostkeys/:id`, or you name the new one.",
  host_key_refused: "Compare the fingerprint in `details` with the host's own, and name it as `hostKey` if they agree.",
  payload_too_large: "Send less; `details` names the limit of the route.",
  unsupported_media_type: "Send `Content-Type: application/json`, and no `Content-Encoding`.",
  rate_limit_exceeded: "Wait for `Retry-After` seconds.",
  upstream_rate_limited: "Wait for `Retry-After` seconds, or add models of another provider to fall back on.",
  headers_too_large: "Send at most 16 KiB of headers.",
  client_closed_request: "Nothing: it stands in logs only, for a caller who left before the answer.",
  internal: "A fault of the gateway: report it with the request's id from `details`; the log has the cause.",
  not_configured: "Set what `details` names, such as the master key under which secrets are kept.",
  not_installed: "Install the package that `details` names, beside the gateway.",
  upstream_failed: "Try again. The gateway has tried every model it may use; `details` says what the last one did.",
  upstream_auth_failed: "Check the provider's key in the gateway's configuration; the caller cannot mend this.",
  remote_failed: "Check that the host named in `details` runs and can be reached from the gateway.",
  remote_auth_failed: "Check the user name, the password or the key for the remote host.",
  upstream_overloaded: "Wait for `Retry-After` seconds, or add models of another provider to fall back on.",
  no_usable_model: "Configure a provider, or enable a model or a layer: `details` says what is missing.",
  server_overloaded:
    "Wait for `Retry-After` seconds. `details` names the limit; if it lasts, raise that or add an instance.",
  draining: "Try again: this instance is stopping, another or the next one answers.",
  store_unavailable: "Try again. Chats go on meanwhile; only changes to the catalogue need the store.",
  remote_timeout: "Check that the host named in `details` answers on that port, and no firewall drops the connection.",
  timeout: "Try again, or raise the timer that `details` names (`routing.timeouts`).",
};

/** The table of every failure, from the code that raises them. */
export async function generate() {
  const { FAILURES } = await import(pathToFileURL(join(ROOT, "packages/core/dist/index.js")).href);
  const rows = Object.entries(FAILURES).map(
    ([code, { status, message, openaiType, openaiCode, anthropicType }]) =>
      `| \`${code}\` | ${status} | ${message} | ${adviceOn(code)} | \`${openaiType}\` | \`${openaiCode}\` | \`${anthropicType}\` |\n`,
  );
  return { "docs/errors.md": INTRODUCTION + rows.join("") };
}

function adviceOn(code) {
  if (!ADVICE[code]) throw new Error(`scripts/generate/errors.mjs: say what to do about ${code}`);
  return ADVICE[code];
}
