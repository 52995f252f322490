import { z } from "zod";
import { EXAMPLES } from "./examples.js";
import { Components, type JsonSchema } from "./openapi-components.js";
import { failureExamples, failureResponses, headerReferences } from "./openapi-failures.js";
import { COMMON_HEADERS, RESPONSE_HEADERS } from "./response-headers.js";
import type { Route } from "./route.js";

/** An OpenAPI 3.1 document, as far as its readers here look into it. */
export interface OpenapiDocument {
  readonly openapi: "3.1.0";
  readonly info: JsonSchema & { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly JsonSchema[];
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly headers: JsonSchema;
    readonly examples: JsonSchema;
    readonly securitySchemes: JsonSchema;
  };
}

/** One operation of the document. */
export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly security: readonly JsonSchema[];
  readonly parameters?: readonly JsonSchema[];
  readonly requestBody?: { readonly required: boolean; readonly description: string; readonly content: JsonSchema };
  readonly responses: Readonly<Record<string, JsonSchema>>;
}

const TAGS: Readonly<Record<string, string>> = {
  Chat: "OpenAI's chat API over every configured provider.",
  "Models at work": "The rest of OpenAI's API that is routed by model: vectors, pictures, sound.",
  MCP: "The models, and terminals where a policy names some, as tools of any client of the Model Context Protocol.",
  Login: "For people: a password for a token.",
  "API keys": "For programs: what they call with, and what each may do.",
  Users: "Who may log in.",
  Audit: "Who did what.",
  Budgets: "Who may spend how much, and what was said about it.",
  Usage: "The ledger: what was used, by whom, and what it cost.",
  Models: "The catalogue: which models there are, and on which layer.",
  Providers: "The upstreams, and changing them while they are in use.",
  Configuration: "What is configured, and reading it again.",
  Health: "The state of the gateway, for people and for load balancers.",
  Docs: "This API, described.",
};

const SECURITY = [{ bearer: [] }, { apiKey: [] }];

const SECURITY_SCHEMES = {
  bearer: { type: "http", scheme: "bearer", description: "Asked for in production; in development nothing is." },
  apiKey: {
    type: "apiKey",
    in: "header",
    name: "x-api-key",
    description: "The same credential, as Anthropic's clients send it.",
  },
};

/**
 * Renders the document of a list of routes, from the very schemas that validate.
 * @throws TypeError for a schema without a name, and for a name that renders in two ways
 */
export function openapiDocument(routes: readonly Route[], info: { readonly version: string }): OpenapiDocument {
  const components = new Components();
  const paths: Record<string, Record<string, Operation>> = {};
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route, components) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Sluice",
      version: info.version,
      description: "An AI gateway: the OpenAI chat API over many providers, routed by layer.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "http://localhost:3000", description: "Where the server listens unless told otherwise." }],
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name, description: TAGS[name] ?? "" })),
    paths,
    components: {
      schemas: components.schemas,
      headers: Object.fromEntries(
        Object.entries(RESPONSE_HEADERS).map(([name, description]) => [
          name,
          { description, schema: { type: "string" } },
        ]),
      ),
      examples: failureExamples(routes),
      securitySchemes: SECURITY_SCHEMES,
    },
  };
}

function operation(route: Route, components: Components): Operation {
  const parameters = [...pathParameters(route), ...(route.takesForm ? [MODEL_HEADER] : []), ...queryParameters(route)];
  return {
    operationId: route.operationId,
    summary: route.summary,
    tags: [route.tag],
    security: route.access === "public" ? [] : SECURITY,
    ...(parameters.length > 0 ? { parameters } : {}),
    ...requestBody(route, components),
    responses: { ...successes(route, components), ...failureResponses(route, components) },
  };
}

const MODEL_HEADER = {
  name: "x-sluice-model",
  in: "header",
  required: true,
  description: "The model, as in the form: the form itself is not read.",
  schema: { type: "string" },
};

function pathParameters({ path }: Route): readonly JsonSchema[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    description: "Slashes in it may stand as they are or as `%2F`.",
    schema: { type: "string" },
  }));
}

/** Each parameter after the `?`, as its schema tells of it. */
function queryParameters({ query }: Route): readonly JsonSchema[] {
  if (!query) return [];
  return Object.entries(z.toJSONSchema(query, { io: "input" }).properties ?? {}).map(([name, property]) => {
    const { description = "", ...schema } = property as JsonSchema; // each of these is an object, not `true`
    return { name, in: "query", required: false, description, schema };
  });
}

function requestBody(route: Route, components: Components): Pick<Operation, "requestBody"> {
  const { body, bodyIsOptional, takesForm, maxBodyBytes, operationId } = route;
  if (!body && !takesForm) return {};
  const content = body
    ? json(components.reference(body, "input"), EXAMPLES[operationId]?.request)
    : {
        "multipart/form-data": {
          schema: { type: "object", description: "The provider's own form, forwarded unread." },
        },
      };
  return { requestBody: { required: !bodyIsOptional, description: `At most ${size(maxBodyBytes)}.`, content } };
}

function successes(route: Route, components: Components): Record<string, JsonSchema> {
  const { status, otherStatus } = route;
  const headers = headerReferences([...COMMON_HEADERS, ...route.headers]);
  const content = successContent(route, components);
  const success = { description: "Success.", headers, content };
  if (otherStatus === undefined) return { [status]: success };
  return { [status]: success, [otherStatus]: { description: "Not now.", headers, content } };
}

function successContent({ response, stream, operationId }: Route, components: Components): JsonSchema {
  if (typeof response === "string") return { [response]: {} };
  const content = json(components.reference(response, "output"), EXAMPLES[operationId]?.response);
  if (!stream) return content;
  // OpenAPI 3.1 has no words for the type of a single event; this extension says it.
  const event = components.reference(stream.event, "output");
  return {
    ...content,
    "text/event-stream": { schema: { type: "string", description: stream.description }, "x-event": event },
  };
}

function json(schema: JsonSchema, example: unknown): JsonSchema {
  return { "application/json": { schema, ...(example === undefined ? {} : { example }) } };
}

function size(bytes: number): string {
  const MIB = 1024 * 1024;
  return bytes >= MIB ? `${bytes / MIB} MiB` : `${bytes / 1024} KiB`;
}
