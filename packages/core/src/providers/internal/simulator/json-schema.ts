/** A JSON schema, or a part of one, read as it comes. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** A schema's object form; `true` and whatever is no schema allow anything. */
export function asSchema(value: unknown): JsonSchema {
  return isRecord(value) ? value : {};
}

/** Whether a value is a JSON object. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A keyword that holds a list, empty where it holds none. */
export function listOf(schema: JsonSchema, keyword: string): readonly unknown[] {
  const value = schema[keyword];
  return Array.isArray(value) ? value : [];
}

/** A keyword that holds a number. */
export function numberOf(schema: JsonSchema, keyword: string): number | undefined {
  const value = schema[keyword];
  return typeof value === "number" ? value : undefined;
}

/** The type to answer with: the one named, the first that is not null, or what the other keywords suggest. */
export function typeOf(schema: JsonSchema): string {
  const { type } = schema;
  if (typeof type === "string") return type;
  const first = listOf(schema, "type").find((name) => name !== "null");
  if (typeof first === "string") return first;
  if (Array.isArray(type)) return "null";
  if (isRecord(schema.properties) || Array.isArray(schema.required)) return "object";
  if (schema.items !== undefined || schema.prefixItems !== undefined) return "array";
  if (numberOf(schema, "minimum") !== undefined || numberOf(schema, "maximum") !== undefined) return "number";
  return "string";
}

/** Both schemas at once, as far as merging keywords can say it. */
export function merged(left: JsonSchema, right: JsonSchema): JsonSchema {
  return {
    ...left,
    ...right,
    ...(left.properties || right.properties
      ? { properties: { ...asSchema(left.properties), ...asSchema(right.properties) } }
      : {}),
    ...(left.required || right.required
      ? { required: [...listOf(left, "required"), ...listOf(right, "required")] }
      : {}),
  };
}
