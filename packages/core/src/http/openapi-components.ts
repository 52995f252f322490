import { z } from "zod";
import { schemaNames } from "../schemas/registry.js";

/** A JSON Schema, or another part of the document nobody here looks into. */
export type JsonSchema = Record<string, unknown>;

/** What a schema is rendered for: what callers write, or what they get. */
export type Side = "input" | "output";

/** Collects the named schemas a document refers to. */
export class Components {
  readonly schemas: Record<string, JsonSchema> = {};
  readonly #rendered = { input: renderAll("input"), output: renderAll("output") };

  /**
   * The schema of one side of a route; named schemas become references.
   * @throws TypeError for a schema without a name, and for a name that renders in two ways
   */
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

/** Every named schema as one side sees it. */
function renderAll(io: Side): Record<string, JsonSchema> {
  const { schemas } = z.toJSONSchema(schemaNames, {
    io,
    uri: (id) => `#/components/schemas/${id}`,
    override({ zodSchema, jsonSchema }) {
      // Objects drop unknown keys, they do not forbid them; only strict ones have a catch-all.
      if (zodSchema._zod.def.type === "object" && !zodSchema._zod.def.catchall) delete jsonSchema.additionalProperties;
      // The range in which numbers are exact goes without saying.
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([name, { $schema: _schema, $id: _id, id: _name, ...schema }]) => [name, schema]),
  );
}
