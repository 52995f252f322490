import { html, type Markup, raw } from "./markup.js";

/** The parts of a JSON Schema the page shows. */
export interface Schema {
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

/** Fields of fields are shown in the same table, this deep. */
const MAX_DEPTH = 4;

/** A schema as a table of its fields, or as one line where it has none. */
export function schemaTable(schema: Schema): Markup {
  const about = schema.description ? html`<p>${schema.description}</p>` : raw("");
  if (!schema.properties) return html`${about}<p class="type">${typeOf(schema)}</p>`;
  return html`${about}<table class="fields"><thead><tr><th>Field</th><th>Type</th><th>Meaning</th></tr></thead>
<tbody>${rows(schema, "", 0)}</tbody></table>`;
}

function rows(schema: Schema, path: string, depth: number): readonly Markup[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const required = schema.required?.includes(name) ? html` <span class="required">required</span>` : raw("");
    const fallback =
      field.default === undefined ? raw("") : html` <span class="default">default ${code(field.default)}</span>`;
    const row = html`<tr><td><code>${breakable(path)}<b>${breakable(name)}</b></code>${required}</td><td>${typeOf(field)}</td><td>${prose(field.description ?? "")}${fallback}</td></tr>`;
    const { inner, suffix } = objectIn(field);
    return inner && depth < MAX_DEPTH ? [row, ...rows(inner, `${path}${name}${suffix}.`, depth + 1)] : [row];
  });
}

/** The object whose fields stand below a field: its own, that of its items, or the one that is not null. */
function objectIn(field: Schema): { readonly inner?: Schema; readonly suffix: string } {
  if (field.properties) return { inner: field, suffix: "" };
  if (field.items) return { ...objectIn(field.items), suffix: "[]" };
  for (const option of field.anyOf ?? []) {
    const found = objectIn(option);
    if (found.inner) return found;
  }
  return { suffix: "" };
}

/** A type in a few words, with links to named schemas. */
export function typeOf(schema: Schema): Markup {
  if (schema.$ref) {
    const name = schema.$ref.split("/").at(-1) ?? "";
    return html`<a href="#schema-${name}">${name}</a>`;
  }
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum) return html`${schema.enum.map((value) => html`${code(value)} `)}`;
  if (schema.anyOf)
    return html`${schema.anyOf.map((option, index) => html`${index > 0 ? " or " : ""}${typeOf(option)}`)}`;
  if (schema.items) return html`list of ${typeOf(schema.items)}`;
  if (typeof schema.additionalProperties === "object" && !schema.properties) {
    const values = schema.additionalProperties;
    return Object.keys(values).length > 0 ? html`map to ${typeOf(values)}` : html`object`;
  }
  return html`${[schema.type ?? "anything"].flat().join(" or ")}`;
}

/** A name that may be broken behind its underscores and dots, and nowhere else. */
function breakable(name: string): Markup {
  return html`${name.split(/(?<=[_.])/).map((part, index) => (index > 0 ? html`<wbr>${part}` : html`${part}`))}`;
}

function code(value: unknown): Markup {
  return html`<code>${JSON.stringify(value)}</code>`;
}

/** Text in which back-ticks mark code. */
export function prose(text: string): Markup {
  return html`${text.split("`").map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : html`${part}`))}`;
}
