import { html, type Markup, raw } from "./markup.js";
import type { OpenapiDocument, Operation } from "./openapi.js";
import type { JsonSchema } from "./openapi-components.js";
import { prose, type Schema, schemaTable, typeOf } from "./schema-table.js";

/** One operation with its method, in upper case, and its path. */
export interface Entry {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

/** One operation: what it does and takes at the left, how to call it at the right. */
export function operationSection({ method, path, operation }: Entry, document: OpenapiDocument): Markup {
  const { operationId, summary, requestBody, responses, security, parameters = [] } = operation;
  const request = requestBody ? mediaOf(requestBody.content) : undefined;
  const success = Object.entries(responses).find(([status]) => status.startsWith("2"));
  const answer = success ? mediaOf(success[1].content) : undefined;
  return html`<section id="${operationId}" class="operation">
<div class="about">
<h3><b class="method ${method.toLowerCase()}">${method}</b> <code>${path}</code>${security.length === 0 ? html` <span class="public">public</span>` : raw("")}</h3>
<p>${prose(summary)}</p>
${parameters.map(parameter)}
${requestBody ? html`<h4>Body <small>${requestBody.description}</small></h4>${fields(request?.schema, document)}` : raw("")}
<h4>Answers</h4>
<table class="answers"><tbody>${Object.entries(responses).map(([status, response]) => answerRow(status, response))}</tbody></table>
</div>
<div class="sample">
<h4>Request</h4>
<pre><code>${curl(method, path, request?.example)}</code></pre>
${answer?.example === undefined ? raw("") : html`<h4>Answer ${success?.[0]}</h4><pre><code>${JSON.stringify(answer.example, null, 2)}</code></pre>`}
</div>
</section>`;
}

interface Media {
  readonly schema?: Schema;
  readonly example?: unknown;
}

function mediaOf(content: unknown): Media | undefined {
  return (content as Record<string, Media> | undefined)?.["application/json"]; // our own document
}

function parameter({ name, description, in: place }: JsonSchema): Markup {
  return html`<h4>${place === "path" ? "Path" : "Header"}</h4><table class="fields"><tbody><tr><td><code><b>${String(name)}</b></code> <span class="required">required</span></td><td>string</td><td>${prose(String(description))}</td></tr></tbody></table>`;
}

/** The fields of a body in place: a reader should not have to jump for them. */
function fields(schema: Schema | undefined, { components }: OpenapiDocument): Markup {
  if (!schema) return raw("");
  const name = schema.$ref?.split("/").at(-1) ?? "";
  const named = components.schemas[name];
  return named ? schemaTable(named) : html`<p>${typeOf(schema)}</p>`;
}

function answerRow(status: string, { description, content }: JsonSchema): Markup {
  const types = Object.entries((content ?? {}) as Record<string, Media>); // our own document
  const failed = Number(status) >= 400 && description !== "Not now.";
  const bodies = types.map(
    ([type, { schema }]) => html`<div><small>${type}</small> ${schema && !failed ? body(schema) : raw("")}</div>`,
  );
  return html`<tr><td><code class="status s${status.slice(0, 1)}">${status}</code></td><td>${prose(String(description))}${failed ? raw("") : bodies}</td></tr>`;
}

function body(schema: Schema): Markup {
  return schema.description ? html`${prose(schema.description)}` : typeOf(schema);
}

function curl(method: string, path: string, body: unknown): string {
  const target = `http://localhost:3000${path.replace("{id}", "my-custom-model")}`;
  const verb = method === "GET" || (method === "POST" && body !== undefined) ? "" : ` -X ${method} \\\n `;
  if (body === undefined) return `curl${verb} ${target}`;
  return `curl${verb} ${target} \\\n  -H 'content-type: application/json' \\\n  -d '${JSON.stringify(body, null, 2)}'`;
}
