import { html, type Markup, raw } from "./markup.js";

/** The parts of a JSON Schema the page shows. */
interface Schema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly additionalProperties?: Schema | boolean;
  readonly $ref?: string;
}

/** A schema as a table of its fields, or as one line where it has none. */
export function schemaTable(schema: Schema): Markup {
  const about = schema.description ? html`<p>${schema.description}</p>` : raw("");
  if (!schema.properties) return html`${about}<p>${typeOf(schema)}</p>`;
  const rows = Object.entries(schema.properties).map(([name, field]) => {
    const required = schema.required?.includes(name) ? "required" : "";
    const fallback = field.default === undefined ? "" : `default ${JSON.stringify(field.default)}`;
    return html`<tr><td><code>${name}</code></td><td>${typeOf(field)}</td><td>${required}${fallback}</td><td>${field.description ?? ""}</td></tr>`;
  });
  return html`${about}<table><tr><th>Field</th><th>Type</th><th></th><th></th></tr>${rows}</table>`;
}

function typeOf(schema: Schema): Markup {
  if (schema.$ref) {
    const name = schema.$ref.split("/").at(-1) ?? "";
    return html`<a href="#schema-${name}">${name}</a>`;
  }
  if (schema.const !== undefined) return html`<code>${JSON.stringify(schema.const)}</code>`;
  if (schema.enum) return html`${schema.enum.map((value) => html`<code>${JSON.stringify(value)}</code>`)}`;
  if (schema.anyOf) return html`${schema.anyOf.map((option, index) => html`${index > 0 ? "or " : ""}${typeOf(option)}`)}`;
  if (schema.items) return html`list of ${typeOf(schema.items)}`;
  if (typeof schema.additionalProperties === "object" && !schema.properties) {
    return html`map to ${typeOf(schema.additionalProperties)}`;
  }
  return html`${String(schema.type ?? "any")}`;
}
