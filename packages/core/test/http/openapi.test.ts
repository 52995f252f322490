import { Validator } from "@seriousme/openapi-schema-validator";
import { FAILURES, Gateway } from "@sluice/core";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { EXAMPLES } from "../../src/http/examples.js";
import { type OpenapiDocument, openapiDocument } from "../../src/http/openapi.js";
import { defineRoute, type Route } from "../../src/http/route.js";
import { routes } from "../../src/http/routes/index.js";
import { named } from "../../src/schemas/registry.js";

const document = new Gateway().openapi() as OpenapiDocument; // its own type is not public

/** Every value under a key, anywhere in the document. */
function valuesOf(part: unknown, key: string): readonly unknown[] {
  if (typeof part !== "object" || part === null) return [];
  return Object.entries(part).flatMap(([name, value]) => [...(name === key ? [value] : []), ...valuesOf(value, key)]);
}

function pointedTo(reference: string): unknown {
  return reference
    .replace("#/", "")
    .split("/")
    .reduce<unknown>((part, name) => (part as Record<string, unknown> | undefined)?.[name], document);
}

function operationOf(method: string, path: string) {
  const operation = document.paths[path]?.[method];
  if (!operation) throw new Error(`${method} ${path} is not in the document`);
  return operation;
}

describe("the OpenAPI document", () => {
  it("is valid", async () => {
    const result = await new Validator().validate(structuredClone(document) as object as Record<string, unknown>);
    expect(result).toMatchObject({ valid: true });
  });

  it("has no dangling reference, and no schema nobody refers to", () => {
    const references = valuesOf(document, "$ref").map(String);
    expect(references.filter((reference) => pointedTo(reference) === undefined)).toEqual([]);
    const names = Object.keys(document.components.schemas);
    expect(names.filter((name) => !references.includes(`#/components/schemas/${name}`))).toEqual([]);
  });

  it("tells of every route", () => {
    const told = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(told).toHaveLength(routes.length);
    expect(told).toEqual(
      expect.arrayContaining(routes.map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, "{$1}")}`)),
    );
    expect(new Set(routes.map(({ operationId }) => operationId)).size).toBe(routes.length);
  });

  it("asks a credential on every route that is not public", () => {
    for (const { method, path, access } of routes) {
      const { security } = operationOf(method.toLowerCase(), path.replace(/:(\w+)/g, "{$1}"));
      expect([path, security.length > 0]).toEqual([path, access !== "public"]);
    }
  });

  it("requires of a body what callers must send, and of an answer what they get", () => {
    const { NewModel, Model } = document.components.schemas;
    expect(NewModel?.required).toEqual(["id", "provider", "apiModelName", "layer"]);
    expect(Model?.required).toEqual(
      expect.arrayContaining(["id", "enabled", "priority", "object", "created", "owned_by"]),
    );
  });

  it("forbids unknown keys only where they are refused", () => {
    const closed = Object.entries(document.components.schemas)
      .filter(([, schema]) => schema.additionalProperties === false)
      .map(([name]) => name);
    expect(closed.sort()).toEqual(["Price", "SluiceExtension", "Timeouts"]);
  });

  it("describes the stream, and what one event holds", () => {
    const { responses } = operationOf("post", "/v1/chat/completions");
    const content = responses["200"]?.content as Record<string, { "x-event"?: unknown }>;
    expect(content["text/event-stream"]?.["x-event"]).toEqual({ $ref: "#/components/schemas/ChatCompletionChunk" });
  });

  it("names the headers of a chat's answer", () => {
    const { responses } = operationOf("post", "/v1/chat/completions");
    expect(Object.keys(responses["200"]?.headers as object)).toContain("x-sluice-provider");
    expect(Object.keys(responses["503"]?.headers as object)).toContain("retry-after");
  });

  it("has an example of each failure a route tells of, with the status of the table", () => {
    const { responses } = operationOf("put", "/v1/models/{id}");
    for (const [status, response] of Object.entries(responses).slice(1)) {
      const { examples } =
        (response.content as Record<string, { examples: Record<string, unknown> }>)["application/json"] ?? {};
      for (const code of Object.keys(examples ?? {})) {
        expect([code, FAILURES[code as keyof typeof FAILURES].status]).toEqual([code, Number(status)]);
      }
    }
    expect(document.components.examples).toHaveProperty("model_not_found", {
      value: { error: "Model not found", details: expect.any(String) },
    });
    expect(Object.keys(responses)).toEqual(["200", "400", "401", "403", "404", "413", "415", "500", "503"]);
  });
});

describe("the examples", () => {
  const withExample = routes.filter(({ operationId }) => EXAMPLES[operationId]);

  it("stand beside every JSON body and answer", () => {
    const bare = routes.filter(({ response, body }) => typeof response !== "string" || body);
    expect(bare.filter((route) => !withExample.includes(route))).toEqual([]);
    expect(withExample).toHaveLength(Object.keys(EXAMPLES).length);
  });

  it.each(withExample.map((route) => [route.operationId, route] as const))(
    "%s: pass their own schemas",
    (id, route) => {
      const { request, response } = EXAMPLES[id] ?? {};
      if (route.body) expect(route.body.safeParse(request)).toMatchObject({ success: true });
      if (route.response instanceof z.ZodType) expect(route.response.parse(response)).toEqual(response);
    },
  );
});

describe("openapiDocument", () => {
  const route = (response: z.ZodType, body?: z.ZodType): Route =>
    defineRoute({
      method: "POST",
      path: "/x",
      operationId: "x",
      summary: "",
      tag: "Test",
      access: "public",
      response,
      body,
      handle: () => ({}),
    });

  it("refuses a schema without a name", () => {
    expect(() => openapiDocument([route(z.object({}))], { version: "1" })).toThrow("use named()");
  });

  it("refuses one name for two forms of a schema", () => {
    const both = named("OpenapiTestBoth", z.object({ x: z.number().default(1) }));
    expect(() => openapiDocument([route(both, both)], { version: "1" })).toThrow("OpenapiTestBoth renders in two ways");
  });
});
