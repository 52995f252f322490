type Schema = Readonly<Record<string, unknown>>;

/** Schemas may refer to themselves; JSON is no deeper than this. */
const MAX_DEPTH = 64;
const WHOLE = 1e-9;

/**
 * What of a JSON Schema a value breaks, as `path keyword`, where a schema was put to a model with some of its keywords in
 * words only; null for nothing. Patterns are not looked at: one from outside may take for ever.
 */
export function schemaViolation(schema: Schema, value: unknown): string | null {
  return violation(schema, value, { root: schema, path: "$", depth: 0 });
}

interface Place {
  readonly root: Schema;
  readonly path: string;
  readonly depth: number;
}

function violation(schema: unknown, value: unknown, at: Place): string | null {
  if (!isRecord(schema) || at.depth > MAX_DEPTH) return null;
  const own = ownKeyword(schema, value);
  if (own !== null) return `${at.path} ${own}`;
  return referred(schema, value, at) ?? combined(schema, value, at) ?? inner(schema, value, at);
}

/** The first keyword of the schema itself that the value breaks. */
function ownKeyword(schema: Schema, value: unknown): string | null {
  const broken = Object.entries(schema).find(([keyword, bound]) => KEYWORDS.get(keyword)?.(value, bound) === false);
  return broken?.[0] ?? null;
}

const KEYWORDS: ReadonlyMap<string, (value: unknown, bound: unknown) => boolean> = new Map([
  ["type", (value, bound) => [bound].flat().some((name) => isOfType(value, name))],
  ["const", (value, bound) => same(value, bound)],
  ["enum", (value, bound) => !Array.isArray(bound) || bound.some((each) => same(value, each))],
  ["required", (value, bound) => !isRecord(value) || !Array.isArray(bound) || bound.every((name) => name in value)],
  ["minimum", numeric((value, bound) => value >= bound)],
  ["maximum", numeric((value, bound) => value <= bound)],
  ["exclusiveMinimum", numeric((value, bound) => value > bound)],
  ["exclusiveMaximum", numeric((value, bound) => value < bound)],
  ["multipleOf", numeric((value, bound) => Math.abs(value / bound - Math.round(value / bound)) < WHOLE)],
  ["minLength", sized(lengthOf, (length, bound) => length >= bound)],
  ["maxLength", sized(lengthOf, (length, bound) => length <= bound)],
  ["minItems", sized(itemsOf, (length, bound) => length >= bound)],
  ["maxItems", sized(itemsOf, (length, bound) => length <= bound)],
  ["minProperties", sized(membersOf, (length, bound) => length >= bound)],
  ["maxProperties", sized(membersOf, (length, bound) => length <= bound)],
  ["uniqueItems", (value, bound) => bound !== true || !Array.isArray(value) || areDistinct(value)],
]);

function numeric(fits: (value: number, bound: number) => boolean) {
  return (value: unknown, bound: unknown) =>
    typeof value !== "number" || typeof bound !== "number" || fits(value, bound);
}

function sized(size: (value: unknown) => number | null, fits: (length: number, bound: number) => boolean) {
  return (value: unknown, bound: unknown) => {
    const length = size(value);
    return length === null || typeof bound !== "number" || fits(length, bound);
  };
}

/** JSON Schema counts characters, not halves of them. */
function lengthOf(value: unknown): number | null {
  return typeof value === "string" ? [...value].length : null;
}

function itemsOf(value: unknown): number | null {
  return Array.isArray(value) ? value.length : null;
}

function membersOf(value: unknown): number | null {
  return isRecord(value) ? Object.keys(value).length : null;
}

/** `#/$defs/name`: a reference within the schema. */
function referred(schema: Schema, value: unknown, at: Place): string | null {
  const { $ref: reference } = schema;
  if (typeof reference !== "string" || !reference.startsWith("#")) return null;
  const names = reference.slice(1).split("/").slice(1);
  const target = names.reduce<unknown>(
    (node, name) => (isRecord(node) ? node[name.replaceAll("~1", "/").replaceAll("~0", "~")] : undefined),
    at.root,
  );
  return violation(target, value, { ...at, depth: at.depth + 1 });
}

function combined(schema: Schema, value: unknown, at: Place): string | null {
  const deeper = { ...at, depth: at.depth + 1 };
  const of = (keyword: string) => (Array.isArray(schema[keyword]) ? (schema[keyword] as readonly unknown[]) : []);
  for (const each of of("allOf")) {
    const found = violation(each, value, deeper);
    if (found !== null) return found;
  }
  for (const keyword of ["anyOf", "oneOf"]) {
    const found = of(keyword).map((each) => violation(each, value, deeper));
    if (found.length > 0 && !found.includes(null)) return found[0] ?? null;
  }
  return null;
}

function inner(schema: Schema, value: unknown, at: Place): string | null {
  const below = (name: string | number) => ({ ...at, path: `${at.path}.${name}`, depth: at.depth + 1 });
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      const found = violation(schema.items, item, below(index));
      if (found !== null) return found;
    }
  }
  if (!isRecord(value) || !isRecord(schema.properties)) return null;
  for (const [name, each] of Object.entries(schema.properties)) {
    const found = name in value ? violation(each, value[name], below(name)) : null;
    if (found !== null) return found;
  }
  return null;
}

function isOfType(value: unknown, name: unknown): boolean {
  switch (name) {
    case "integer":
      return Number.isInteger(value);
    case "array":
      return Array.isArray(value);
    case "object":
      return isRecord(value);
    case "null":
      return value === null;
    case "number":
    case "string":
    case "boolean":
      return typeof value === name;
    default:
      return true; // not one of JSON Schema's
  }
}

function areDistinct(items: readonly unknown[]): boolean {
  return new Set(items.map(ordered)).size === items.length;
}

function same(one: unknown, other: unknown): boolean {
  return ordered(one) === ordered(other);
}

/** As text, with the members of objects in one order. */
function ordered(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    isRecord(each) ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1))) : each,
  );
}

function isRecord(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
