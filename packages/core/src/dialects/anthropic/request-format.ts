import type { ChatRequest } from "../../schemas/chat.js";
import { cannot } from "./request-error.js";

/** Keywords the API refuses; what they say moves into the description, where the model can read it. */
const UNSUPPORTED = [
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
  "minLength",
  "maxLength",
  "pattern",
  "minItems",
  "maxItems",
  "uniqueItems",
  "minProperties",
  "maxProperties",
];
const SCHEMA_MAPS = ["properties", "$defs", "definitions"];
const SCHEMA_LISTS = ["anyOf", "oneOf", "allOf"];
const SCHEMAS = ["items", "not", "additionalItems"];

/** `output_config.format` for a wanted schema; a sentence for the system prompt where JSON is wanted without one. */
export interface FormatFields {
  readonly format?: { readonly type: "json_schema"; readonly schema: object };
  readonly instruction?: string;
  /** Keywords of the schema that the model is only told of in words, each once. */
  readonly onlyTold?: readonly string[];
}

/** A pattern is not held against the answer either: one from outside may take for ever. */
const UNCHECKED = ["pattern"];

/**
 * What of a wanted schema nobody holds the answer to: the API takes it in words only, and an answer that goes on piece by
 * piece is not looked at either.
 */
export function uncheckedKeywords({ onlyTold = [] }: FormatFields, streams: boolean): readonly string[] {
  const unchecked = streams ? onlyTold : onlyTold.filter((keyword) => UNCHECKED.includes(keyword));
  return unchecked.map((keyword) => `response_format.${keyword}`);
}

/** The schema an answer has to fit, where the API does not see to that by itself; null where it does. */
export function wantedSchema(request: ChatRequest): Readonly<Record<string, unknown>> | null {
  const named = request.response_format?.json_schema;
  const schema = isRecord(named) && isRecord(named.schema) ? named.schema : null;
  return schema && (formatFields(request).onlyTold?.length ?? 0) > 0 ? schema : null;
}

/** @throws GatewayError `invalid_request` for a format that is not known */
export function formatFields({ response_format: wanted }: ChatRequest): FormatFields {
  if (!wanted || wanted.type === "text") return {};
  if (wanted.type === "json_object") {
    return { instruction: "Answer with one JSON object and nothing else: no prose, no code fence." };
  }
  if (wanted.type !== "json_schema") throw cannot("response_format.type", "must be text, json_object or json_schema");
  const { json_schema: named } = wanted;
  const schema = isRecord(named) ? named.schema : undefined;
  if (!isRecord(schema)) throw cannot("response_format.json_schema.schema", "is required (an object)");
  const told = new Set<string>();
  return { format: { type: "json_schema", schema: supportedSchema(schema, told) }, onlyTold: [...told] };
}

/** The schema as far as the API takes it. @param told - gets the keywords it does not */
export function supportedSchema(
  schema: Readonly<Record<string, unknown>>,
  told: Set<string> = new Set(),
): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  const hints: string[] = [];
  for (const [keyword, value] of Object.entries(schema)) {
    if (UNSUPPORTED.includes(keyword)) {
      hints.push(`${keyword}: ${JSON.stringify(value)}`);
      told.add(keyword);
    } else result[keyword] = converted(keyword, value, told);
  }
  if (isObjectSchema(schema)) result.additionalProperties = false;
  if (hints.length > 0) {
    const described = typeof schema.description === "string" ? `${schema.description} ` : "";
    result.description = `${described}(${hints.join(", ")})`;
  }
  return result;
}

function converted(keyword: string, value: unknown, told: Set<string>): unknown {
  if (SCHEMA_MAPS.includes(keyword) && isRecord(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [name, isRecord(inner) ? supportedSchema(inner, told) : inner]),
    );
  }
  if (SCHEMA_LISTS.includes(keyword) && Array.isArray(value)) {
    return value.map((inner: unknown) => (isRecord(inner) ? supportedSchema(inner, told) : inner));
  }
  return SCHEMAS.includes(keyword) && isRecord(value) ? supportedSchema(value, told) : value;
}

function isObjectSchema({ type, properties }: Readonly<Record<string, unknown>>): boolean {
  return type === "object" || (Array.isArray(type) && type.includes("object")) || properties !== undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
