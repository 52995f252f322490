import type { Hints } from "./hints.js";
import { asSchema, isRecord, type JsonSchema, listOf, merged, numberOf, typeOf } from "./json-schema.js";
import { numberValue, stringValue } from "./scalar-value.js";

/** Deeper than this only what is required is made; twice as deep, nothing. */
const MAX_DEPTH = 6;
const MAX_ITEMS = 100;
/** Schemas that branch into themselves would otherwise grow without bound. */
const MAX_PARTS = 2_000;
/** Of the names and the constants that the schema gives. */
const MAX_CHARACTERS = 1_000_000;

/**
 * A value that a JSON schema allows, the same each time: constants, defaults and enums as they stand, required
 * properties and those the message mentions, and the smallest of everything else.
 */
export function schemaValue(schema: unknown, hints: Hints): unknown {
  return new SchemaValue(asSchema(schema), hints).value(schema, "", 0);
}

class SchemaValue {
  readonly #root: JsonSchema;
  readonly #hints: Hints;
  #partsLeft = MAX_PARTS;
  #charactersLeft = MAX_CHARACTERS;

  constructor(root: JsonSchema, hints: Hints) {
    this.#root = root;
    this.#hints = hints;
  }

  value(part: unknown, name: string, depth: number): unknown {
    if (this.#partsLeft-- <= 0 || depth > MAX_DEPTH * 2) return null;
    const schema = this.#resolved(asSchema(part), depth);
    const given = this.#given(schema);
    if (given) return this.#charactersLeft > 0 && this.#fits(JSON.stringify(given.value)) ? given.value : null;
    switch (typeOf(schema)) {
      case "object":
        return this.#object(schema, depth);
      case "array":
        return this.#array(schema, name, depth);
      case "integer":
        return numberValue(schema, name, this.#hints, true);
      case "number":
        return numberValue(schema, name, this.#hints, false);
      case "boolean":
        return this.#hints.named(name) !== "false";
      case "null":
        return null;
      default:
        return stringValue(schema, name, this.#hints);
    }
  }

  /** Follows references and takes one of the alternatives. */
  #resolved(schema: JsonSchema, depth: number): JsonSchema {
    const { $ref: reference, allOf, anyOf, oneOf, ...rest } = schema;
    if (depth > MAX_DEPTH * 4 || this.#partsLeft-- <= 0) return rest;
    if (typeof reference === "string") return this.#resolved(merged(this.#target(reference), rest), depth + 1);
    let whole = rest;
    for (const part of Array.isArray(allOf) ? allOf : [])
      whole = merged(whole, this.#resolved(asSchema(part), depth + 1));
    const choices = [anyOf, oneOf].flatMap((list) => (Array.isArray(list) ? list.map(asSchema) : []));
    if (choices.length === 0) return whole;
    const simple = choices.find(({ type }) => type === "null");
    const first = choices.find((choice) => choice !== simple) ?? choices[0];
    const chosen = depth > MAX_DEPTH && simple ? simple : first;
    return merged(whole, this.#resolved(asSchema(chosen), depth + 1));
  }

  #target(reference: string): JsonSchema {
    let part: unknown = this.#root;
    for (const step of reference.replace(/^#\/?/, "").split("/")) {
      if (step === "") continue;
      const key = step.replaceAll("~1", "/").replaceAll("~0", "~");
      part = isRecord(part) ? part[key] : undefined;
    }
    return asSchema(part);
  }

  #given(schema: JsonSchema): { readonly value: unknown } | null {
    if (schema.const !== undefined) return { value: schema.const };
    const choices = listOf(schema, "enum");
    const mentioned = this.#hints.oneOf(choices);
    if (mentioned !== undefined) return { value: mentioned };
    if (schema.default !== undefined) return { value: schema.default };
    return choices.length > 0 ? { value: choices[0] } : null;
  }

  #object(schema: JsonSchema, depth: number): Record<string, unknown> {
    const properties = asSchema(schema.properties);
    const required = new Set(listOf(schema, "required").map(String));
    const wanted = Object.keys(properties).filter(
      (name) => required.has(name) || (depth <= MAX_DEPTH && this.#worthIt(asSchema(properties[name]), name, required)),
    );
    const names = new Set([...wanted, ...required]);
    const least = numberOf(schema, "minProperties") ?? 0;
    for (const name of Object.keys(properties)) if (names.size < least) names.add(name);
    const extra = schema.additionalProperties;
    for (let index = 1; names.size < Math.min(least, MAX_ITEMS) && extra !== false; index++) names.add(`extra${index}`);
    const made: [string, unknown][] = [];
    for (const name of names) {
      if (this.#partsLeft <= 0 || !this.#fits(name)) break;
      made.push([name, this.value(Object.hasOwn(properties, name) ? properties[name] : extra, name, depth + 1)]);
    }
    return Object.fromEntries(made);
  }

  /** Whether there is room for a text that the schema gives, which may be long and stand there often. */
  #fits(text: string): boolean {
    this.#charactersLeft -= text.length;
    return this.#charactersLeft >= 0;
  }

  /** An optional property is filled in where the message speaks of it, or where nothing at all is required. */
  #worthIt(schema: JsonSchema, name: string, required: ReadonlySet<string>): boolean {
    if (required.size === 0) return true;
    return this.#hints.named(name) !== null || this.#hints.oneOf(listOf(schema, "enum")) !== undefined;
  }

  #array(schema: JsonSchema, name: string, depth: number): unknown[] {
    const prefix = listOf(schema, "prefixItems");
    const least = Math.max(numberOf(schema, "minItems") ?? 0, prefix.length);
    const most = numberOf(schema, "maxItems") ?? MAX_ITEMS;
    const count = Math.min(Math.max(least, depth > MAX_DEPTH ? 0 : 1), most, MAX_ITEMS);
    const items = Array.from({ length: count }, (_, index) => {
      const item = index < prefix.length ? prefix[index] : schema.items;
      return this.value(item, name.replace(/s$/, ""), depth + 1);
    });
    return schema.uniqueItems === true ? distinct(items, asSchema(schema.items)) : items;
  }
}

/** Makes equal items differ, as far as that is simple. */
function distinct(items: readonly unknown[], schema: JsonSchema): unknown[] {
  const choices = listOf(schema, "enum");
  const seen = new Set<unknown>();
  return items.map((item, index) => {
    let other = item;
    if (seen.has(item)) {
      if (choices.length > 0) other = choices.find((choice) => !seen.has(choice)) ?? item;
      else if (typeof item === "number") other = item + index;
      else if (typeof item === "string") other = `${item} ${index + 1}`;
    }
    seen.add(other);
    return other;
  });
}
