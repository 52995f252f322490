import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Hints } from "./hints.js";
import { schemaValue } from "./schema-value.js";

const ajv = new Ajv2020({ strict: false });
formats.default(ajv);

function value(schema: object, message = ""): unknown {
  const made = schemaValue(schema, new Hints(message));
  expect(ajv.validate(schema, made), JSON.stringify({ schema, made, errors: ajv.errors })).toBe(true);
  return made;
}

describe("schemaValue", () => {
  it.each([
    [{ type: "string" }, "", "simulated value"],
    [{ type: ["null", "integer"], minimum: 5 }, "", 5],
    [{ enum: ["a", "b"] }, "rather b", "b"],
    [{ const: { a: 1 } }, "", { a: 1 }],
    [{ anyOf: [{ type: "null" }, { type: "boolean" }] }, "", true],
    [{ type: "string", format: "date" }, "it is 'x'", "2026-01-01"],
    [{ type: "string", format: "email" }, "", "someone@example.com"],
    [{ type: "number", exclusiveMinimum: 0, exclusiveMaximum: 1 }, "", 0.5],
    [{ type: "integer", multipleOf: 7, minimum: 8 }, "", 14],
    [{ type: "integer" }, "give me 12 of 40", 12],
    [{ type: "array", items: { type: "integer" }, minItems: 2 }, "3 and 4", [3, 4]],
    [{ type: "array", items: { enum: ["a", "b"] }, minItems: 2, uniqueItems: true }, "", ["a", "b"]],
    [{ type: "array", maxItems: 0 }, "", []],
    [{ type: "string", pattern: "^[A-Z]{2}-\\d{3,}$" }, "", null],
    [{ type: "string", pattern: "^(?:\\+49|0)[1-9]?x*$", minLength: 9 }, "", null],
    [{ type: "string", minLength: 99, maxLength: 99 }, "", null],
    [{ type: "string", format: "uuid" }, "", null],
    [{ allOf: [{ properties: { a: { type: "string" } } }, { required: ["a", "b"] }], type: "object" }, "", null],
    [{ type: "object", minProperties: 2 }, "", null],
    [
      { type: "array", prefixItems: [{ type: "string" }, { type: "null" }], minItems: 2 },
      "",
      ["simulated value", null],
    ],
  ])("satisfies %j", (schema, message, expected) => {
    const made = value(schema, message);
    if (expected !== null) expect(made).toEqual(expected);
  });

  it("takes what the message says", () => {
    const properties = {
      cityName: { type: "string" },
      limit: { type: "integer" },
      note: { type: "string" },
      deep: { type: "boolean" },
    };
    const schema = { type: "object", properties, required: ["cityName", "limit"] };
    expect(value(schema, 'city name is "Bad Ems", limit=7, deep: false')).toEqual({
      cityName: "Bad Ems",
      limit: 7,
      deep: false,
    });
    expect(value(schema, "10 hotels near Lake Garda")).toEqual({ cityName: "Lake Garda", limit: 10 });
  });

  it("comes to an end in a recursive schema", () => {
    const node = {
      type: "object",
      properties: { name: { type: "string" }, children: { type: "array", items: { $ref: "#/$defs/node" } } },
      required: ["name", "children"],
      additionalProperties: false,
    };
    value({ $ref: "#/$defs/node", $defs: { node } });
    const list = {
      type: "object",
      properties: { next: { anyOf: [{ $ref: "#" }, { type: "null" }] } },
      required: ["next"],
    };
    value(list);
  });

  it("satisfies any schema of the usual kind", () => {
    const leaf = fc.oneof(
      fc.constant({ type: "string" }),
      fc.record({ type: fc.constant("string"), minLength: fc.nat(20) }),
      fc.record({
        type: fc.constant("string"),
        format: fc.constantFrom("date", "date-time", "email", "uri", "uuid", "ipv4"),
      }),
      fc.record({ type: fc.constantFrom("integer", "number"), minimum: fc.integer({ min: -99, max: 99 }) }),
      fc.record({ type: fc.constantFrom("integer", "number"), maximum: fc.integer({ min: -99, max: 99 }) }),
      fc.record({ enum: fc.uniqueArray(fc.oneof(fc.string(), fc.integer(), fc.constant(null)), { minLength: 1 }) }),
      fc.constant({ type: "boolean" }),
      fc.constant({ type: ["string", "null"] }),
    );
    const { schema } = fc.letrec((tie) => ({
      schema: fc.oneof({ maxDepth: 4 }, leaf, tie("object"), tie("array"), tie("choice")),
      object: fc
        .dictionary(fc.constantFrom("name", "unit", "count", "items", "tags"), tie("schema"))
        .map((properties) => ({
          type: "object",
          properties,
          required: Object.keys(properties).slice(1),
          additionalProperties: false,
        })),
      array: fc.record({ type: fc.constant("array"), items: tie("schema"), minItems: fc.nat(3) }),
      choice: fc.array(tie("schema"), { minLength: 1, maxLength: 3 }).map((anyOf) => ({ anyOf })),
    }));
    fc.assert(
      fc.property(
        schema,
        fc.oneof(fc.string(), fc.constant('count: 5, name is "x", 7 in Rome, unit=2')),
        (part, message) => {
          value(Object(part), message);
        },
      ),
    );
  });
});

describe("schemaValue's bounds", () => {
  const many = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`p${index}`, { $ref: "#" }]));

  it.each([
    ["branches into itself", { type: "object", properties: many, required: Object.keys(many) }],
    ["is all of itself, twice", { allOf: [{ $ref: "#" }, { $ref: "#" }] }],
    ["wants endless text", { type: "string", minLength: 1e9 }],
    ["wants endless items", { type: "array", minItems: 1e9, items: { type: "array", minItems: 1e9 } }],
    ["has a pattern that explodes", { type: "string", pattern: "^(a+)+$", minLength: 30 }],
    ["has a pattern too deep", { type: "string", pattern: "(".repeat(1e6) }],
  ])("comes to an end when a schema %s", (_name, schema) => {
    const started = performance.now();
    schemaValue(schema, new Hints(`"${"a".repeat(199)}!"`.repeat(50)));
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});
