import type { GatewayResponse } from "../spec/http.js";
import { type Entry, operationSection } from "./docs-operation.js";
import { STYLES } from "./docs-styles.js";
import { html, type Markup } from "./markup.js";
import type { OpenapiDocument } from "./openapi.js";
import { pageResponse } from "./page.js";
import { schemaTable } from "./schema-table.js";

/** The API reference as one page, rendered from the OpenAPI document. */
export function docsPage(document: OpenapiDocument, nonce: string): GatewayResponse {
  const { title, version } = document.info;
  const body = html`<nav>
<p class="brand"><b>${title}</b> API ${version}</p>
${navigation(document)}
</nav>
<main>
${introduction(document)}
${document.tags.map(({ name, description }) => html`<h2>${name}</h2><p>${description}</p>${sections(document, name)}`)}
<h2 id="schemas">Schemas</h2>
${Object.entries(document.components.schemas).map(
  ([name, schema]) => html`<section id="schema-${name}"><h3>${name}</h3>${schemaTable(schema)}</section>`,
)}
</main>`;
  return pageResponse({ title: `${title} API ${version}`, styles: STYLES, body, nonce });
}

function entries({ paths }: OpenapiDocument, tag: string): readonly Entry[] {
  return Object.entries(paths)
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
    )
    .filter(({ operation }) => operation.tags.includes(tag));
}

function sections(document: OpenapiDocument, tag: string): readonly Markup[] {
  return entries(document, tag).map((entry) => operationSection(entry, document));
}

function navigation(document: OpenapiDocument): Markup {
  const groups = document.tags.map(({ name }) => {
    const links = entries(document, name).map(
      ({ method, path, operation }) =>
        html`<li><a href="#${operation.operationId}"><b class="method ${method.toLowerCase()}">${method}</b><span>${path}</span></a></li>`,
    );
    return html`<h2>${name}</h2><ul>${links}</ul>`;
  });
  const schemas = Object.keys(document.components.schemas).map(
    (name) => html`<li><a href="#schema-${name}"><span>${name}</span></a></li>`,
  );
  return html`${groups}<div class="names"><h2>Schemas</h2><ul>${schemas}</ul></div>`;
}

function introduction({ info }: OpenapiDocument): Markup {
  return html`<h1>API reference</h1>
<p class="lead">${info.description}</p>
<dl>
<dt>Address</dt><dd><code>http://localhost:3000</code> unless the server was told otherwise. Bodies and answers are JSON.</dd>
<dt>Authentication</dt><dd>None in development, where only this machine can call. In production send
<code>Authorization: Bearer …</code> or <code>x-api-key: …</code> on every route that is not public.</dd>
<dt>Errors</dt><dd><code>{"error": "…", "details": "…"}</code> with a fitting status. OpenAI's client libraries get
OpenAI's own shape on the routes they use.</dd>
<dt>For programs</dt><dd><a href="openapi.json">openapi.json</a>, the OpenAPI 3.1 document this page is made from.</dd>
</dl>`;
}
