import { openaiError, referenceError } from "../error-shapes.js";
import { FAILURES, type FailureCode, GatewayError } from "../errors.js";
import { ErrorBody, OpenaiErrorBody } from "../schemas/errors.js";
import type { Components, JsonSchema } from "./openapi-components.js";
import { COMMON_HEADERS } from "./response-headers.js";
import type { Route } from "./route.js";

/** Details as they may read, for the examples of the document. */
const DETAILS: Partial<Record<FailureCode, string>> = {
  invalid_request: "messages: must have at least one item",
  unauthorized: "in production every call needs an identity",
  forbidden: "this needs the role operator; yours is client",
  model_not_found: "no model is called gpt-9; GET /v1/models lists them",
  invalid_configuration: "routing.attempts: Too big: expected number to be <=20 (file /etc/sluice/sluice.config.json)",
  conflict: "model my-custom-model exists already",
  payload_too_large: "at most 65536 bytes are accepted here",
  unsupported_media_type: "send Content-Type: application/json",
  internal: "request req_2Ff0yA6v9C1tZrW4sQeXbM",
};

/** What a route can refuse with: its own failures, and those that follow from what it is. */
export function failureCodes(route: Route): readonly FailureCode[] {
  const codes: FailureCode[] = ["forbidden", "internal", ...route.failures]; // the guard is on every route
  if (route.access !== "public") codes.push("unauthorized");
  if (route.body || route.takesForm) codes.push("invalid_request", "payload_too_large", "unsupported_media_type");
  if (route.path.includes(":")) codes.push("invalid_request");
  return [...new Set(codes)].sort((a, b) => FAILURES[a].status - FAILURES[b].status);
}

/** The error responses of a route, by status, with one example for each code. */
export function failureResponses(route: Route, components: Components): Record<string, JsonSchema> {
  const byStatus = new Map<number, FailureCode[]>();
  for (const code of failureCodes(route)) {
    const { status } = FAILURES[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries([...byStatus].map(([status, codes]) => [status, response(route, codes, components)]));
}

function response(route: Route, codes: readonly FailureCode[], components: Components): JsonSchema {
  const openai = route.errors === "openai";
  const reference = components.reference(ErrorBody, "output");
  const schema = openai ? { anyOf: [reference, components.reference(OpenaiErrorBody, "output")] } : reference;
  const names = codes.flatMap((code) => (openai ? [code, openaiName(code)] : [code]));
  const examples = Object.fromEntries(names.map((name) => [name, { $ref: `#/components/examples/${name}` }]));
  return {
    description: `${codes.map((code) => FAILURES[code].message).join(". ")}.`,
    headers: headerReferences([...COMMON_HEADERS, ...(codes.some(mayNameTime) ? (["retry-after"] as const) : [])]),
    content: { "application/json": { schema, examples } },
  };
}

/** References to described response headers. */
export function headerReferences(names: readonly string[]): JsonSchema {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

/** Every example the error responses of these routes refer to. */
export function failureExamples(routes: readonly Route[]): JsonSchema {
  const all = Object.keys(FAILURES) as FailureCode[]; // the table's own keys
  const examples: JsonSchema = {};
  for (const code of all.filter((each) => routes.some((route) => failureCodes(route).includes(each)))) {
    const error = new GatewayError(code, { details: DETAILS[code] });
    examples[code] = { value: referenceError(error) };
    const asOpenai = routes.some((route) => route.errors === "openai" && failureCodes(route).includes(code));
    if (asOpenai) examples[openaiName(code)] = { summary: "For OpenAI's client libraries", value: openaiError(error) };
  }
  return examples;
}

function openaiName(code: FailureCode): string {
  return `${code}.openai`;
}

function mayNameTime(code: FailureCode): boolean {
  const { status } = FAILURES[code];
  return status === 429 || status === 503;
}
