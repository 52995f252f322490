import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { schemaViolation } from "./schema-violation.js";

const ajv = new Ajv2020({ strict: false, validateFormats: false, addUsedSchema: false });

const small = fc.integer({ min: 0, max: 4 });
const scalar = fc.constantFrom<unknown>(null, true, false, 0, 1, 2, 2.5, -3, "", "a", "ab", "äöü", "🚰🚰");
const names = fc.constantFrom("a", "b", "c");

/** As JSON.parse gives them: of objects without a prototype the other validator knows nothing. */
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    scalar,
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(names, tie("value"), { maxKeys: 3, noNullPrototype: true }),
  ),
}));

/** Schemas of the keywords that are told in words, and of those that choose between branches. */
const { schema } = fc.letrec<{ schema: object }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3 },
    fc.record(
      {
        type: fc.constantFrom("number", "integer"),
        minimum: small,
        exclusiveMaximum: small,
        multipleOf: fc.constantFrom(1, 0.5),
      },
      { requiredKeys: [] },
    ),
    fc.record(
      {
        type: fc.constant("string"),
        minLength: small,
        maxLength: small,
        enum: fc.array(scalar, { minLength: 1, maxLength: 3 }),
      },
      { requiredKeys: [] },
    ),
    fc.record(
      { items: tie("schema"), minItems: small, maxItems: small, uniqueItems: fc.boolean(), type: fc.constant("array") },
      { requiredKeys: ["items"] },
    ),
    fc.record(
      {
        properties: fc.dictionary(names, tie("schema"), { maxKeys: 3, noNullPrototype: true }),
        required: fc.uniqueArray(names, { maxLength: 2 }),
        minProperties: small,
        maxProperties: small,
        type: fc.constant("object"),
      },
      { requiredKeys: ["properties"] },
    ),
    fc.record({ anyOf: fc.array(tie("schema"), { minLength: 1, maxLength: 3 }) }),
    fc.record({ allOf: fc.array(tie("schema"), { minLength: 1, maxLength: 2 }) }),
    fc.record({ const: scalar }),
    fc.constant({ $ref: "#/$defs/node" }),
  ) as fc.Arbitrary<object>, // letrec does not see that each of them is one
}));

describe("schemaViolation", () => {
  it("refuses what a whole validator refuses, and nothing else", () => {
    fc.assert(
      fc.property(schema, schema, value, (given, node, wanted) => {
        const whole = { ...given, $defs: { node: { type: ["object", "null", "string"], properties: { a: node } } } };
        expect(schemaViolation(whole, wanted) === null).toBe(ajv.compile(whole)(wanted));
      }),
      { numRuns: 500 },
    );
  });

  it("names the place and the keyword, and never the value", () => {
    const people = {
      type: "array",
      items: { type: "object", properties: { age: { type: "integer", minimum: 18 }, name: { minLength: 2 } } },
    };
    expect(schemaViolation(people, [{ age: 20, name: "Jo" }])).toBeNull();
    expect(schemaViolation(people, [{ age: 20 }, { age: 7, name: "Jo" }])).toBe("$.1.age minimum");
    expect(schemaViolation(people, [{ name: "J" }])).toBe("$.0.name minLength");
  });

  it("follows a schema that refers to itself no further than JSON goes", () => {
    expect(schemaViolation({ $ref: "#" }, {})).toBeNull();
    const tree = { properties: { label: { maxLength: 1 }, next: { $ref: "#" } } };
    expect(schemaViolation(tree, { label: "a", next: { next: { label: "too long" } } })).toBe(
      "$.next.next.label maxLength",
    );
  });

  it("spends no time on patterns", () => {
    expect(schemaViolation({ pattern: "^(a+)+$" }, `${"a".repeat(100)}!`)).toBeNull();
  });
});
