import { z } from "zod";
import { ErrorBody, OpenaiErrorBody } from "../schemas/errors.js";
import { schemaNames } from "../schemas/registry.js";
import type { Route } from "./route.js";

type JsonSchema = Record<string, unknown>;

/** An OpenAPI 3.1 document, as far as its readers here look into it. */
export interface OpenapiDocument {
  readonly openapi: "3.1.0";
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>>; readonly securitySchemes: JsonSchema };
}

/** One operation of the document. */
export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly security: readonly JsonSchema[];
  readonly parameters?: readonly JsonSchema[];
  readonly requestBody?: { readonly required: true; readonly content: JsonSchema };
  readonly responses: Readonly<Record<string, JsonSchema>>;
}

const REASONS: Readonly<Record<number, string>> = {
  400: "The request is malformed or invalid.",
  401: "No credential, or one that is not known.",
  403: "The role does not allow it.",
  404: "No such resource.",
  409: "It exists already.",
  413: "The body is too large.",
  415: "The body is not application/json.",
  429: "A rate limit was reached; see Retry-After.",
  502: "Every provider that could answer failed.",
  503: "Nothing usable now; see details.",
  504: "No provider answered in time.",
};

const SECURITY = [{ bearer: [] }, { apiKey: [] }];

/** Renders the document of a list of routes, from the very schemas that validate. */
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
    },
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: components.schemas,
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer" },
        apiKey: { type: "apiKey", in: "header", name: "x-api-key" },
      },
    },
  };
}

function operation(route: Route, components: Components): Operation {
  const parameters = [...route.path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
  return {
    operationId: route.operationId,
    summary: route.summary,
    tags: [route.tag],
    security: route.access === "public" ? [] : SECURITY,
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(route.body
      ? { requestBody: { required: true, content: json(components.reference(route.body, "input")) } }
      : {}),
    responses: { [route.status]: success(route, components), ...failures(route, components) },
  };
}

function success(route: Route, components: Components): JsonSchema {
  if (typeof route.response === "string") return { description: "Success", content: { [route.response]: {} } };
  const content = json(components.reference(route.response, "output"));
  const stream = route.stream ? { "text/event-stream": { schema: { type: "string", description: route.stream } } } : {};
  return { description: "Success", content: { ...content, ...stream } };
}

function failures(route: Route, components: Components): Record<string, JsonSchema> {
  const reference = components.reference(ErrorBody, "output");
  const shapes = route.errors === "openai" ? [reference, components.reference(OpenaiErrorBody, "output")] : [reference];
  const schema = shapes.length > 1 ? { anyOf: shapes } : reference;
  return Object.fromEntries(
    route.failures.map((status) => [status, { description: REASONS[status] ?? "Failure", content: json(schema) }]),
  );
}

function json(schema: JsonSchema): JsonSchema {
  return { "application/json": { schema } };
}

type Side = "input" | "output";

/** Collects the named schemas a document refers to. */
class Components {
  readonly schemas: Record<string, JsonSchema> = {};
  readonly #rendered = { input: renderAll("input"), output: renderAll("output") };

  /** The schema of one side of a route; named schemas become references. */
  reference(schema: z.ZodType, side: Side): JsonSchema {
    const name = schemaNames.get(schema)?.id;
    if (name === undefined) {
      // Only a union of named schemas may stand without a name of its own.
      if (schema instanceof z.ZodUnion) {
        return { anyOf: schema.options.map((option) => this.reference(option as z.ZodType, side)) }; // zod's core type is wider
      }
      throw new TypeError("a body or response schema has no name: use named()");
    }
    this.#include(name, side);
    return { $ref: `#/components/schemas/${name}` };
  }

  #include(name: string, side: Side): void {
    const rendered = this.#rendered[side][name];
    if (!rendered) throw new TypeError(`no schema is called ${name}`);
    const known = this.schemas[name];
    if (known) {
      if (JSON.stringify(known) !== JSON.stringify(rendered)) throw new TypeError(`${name} renders in two ways`);
      return;
    }
    this.schemas[name] = rendered;
    for (const [, inner] of JSON.stringify(rendered).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      this.#include(inner as string, side); // the group is there in every match
    }
  }
}

function renderAll(io: Side): Record<string, JsonSchema> {
  const { schemas } = z.toJSONSchema(schemaNames, {
    io,
    uri: (id) => `#/components/schemas/${id}`,
    override: ({ zodSchema, jsonSchema }) => {
      // Objects drop unknown keys, they do not forbid them; only strict ones have a catch-all.
      if (zodSchema._zod.def.type === "object" && !zodSchema._zod.def.catchall) delete jsonSchema.additionalProperties;
    },
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([name, { $schema: _schema, $id: _id, id: _name, ...schema }]) => [name, schema]),
  );
}
