import { itemsOf, type SchemaNode, typesOf } from "./json-schema.js";

const DECIMAL = /^\s*[+-]?\d+(?:\.\d+)?\s*$/;

/** Text as the type its key wants; what fits no type stays text, which the schema then refuses by name. */
export function coerce(text: string, node: SchemaNode): unknown {
  const types = typesOf(node);
  if (types.has("null") && text === "null") return null;
  if (types.has("boolean") && (text === "true" || text === "false")) return text === "true";
  if ((types.has("number") || types.has("integer")) && DECIMAL.test(text)) return Number(text);
  if (types.has("boolean") && (text === "1" || text === "0")) return text === "1";
  if ((types.has("array") || types.has("object")) && /^\s*[[{]/.test(text)) return parseJson(text);
  const items = itemsOf(node);
  // Where a plain text is allowed too, a comma may belong to it.
  if (items && !types.has("string")) return commaList(text).map((part) => coerce(part, items));
  return text;
}

function commaList(text: string): readonly string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
