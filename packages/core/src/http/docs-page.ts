import type { GatewayResponse } from "../spec/http.js";
import { html, type Markup, raw } from "./markup.js";
import type { OpenapiDocument, Operation } from "./openapi.js";
import { schemaTable } from "./schema-table.js";
import { STYLES } from "./docs-styles.js";

/**
 * The API reference as one page that needs nothing else: no script, no other file, no network.
 * @param nonce - names the one style element the page's policy allows
 */
export function docsPage(document: OpenapiDocument, nonce: string): GatewayResponse {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${document.info.title} API ${document.info.version}</title>
<style nonce="${nonce}">${raw(STYLES)}</style>
</head>
<body>
<nav>
<h1>${document.info.title}</h1>
<p>API ${document.info.version}</p>
${navigation(document)}
</nav>
<main>
<p class="lead">${document.info.description} The machine-readable form is <a href="openapi.json">openapi.json</a>.</p>
${operations(document).map(section)}
<h2 id="schemas">Schemas</h2>
${Object.entries(document.components.schemas).map(
  ([name, schema]) => html`<section id="schema-${name}"><h3>${name}</h3>${schemaTable(schema)}</section>`,
)}
</main>
</body>
</html>`;
  return {
    status: 200,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": `default-src 'none'; style-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    },
    body: page.text,
  };
}

interface Entry {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

function operations({ paths }: OpenapiDocument): readonly Entry[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
}

function navigation(document: OpenapiDocument): Markup {
  const entries = operations(document);
  const groups = document.tags.map(({ name }) => {
    const links = entries
      .filter(({ operation }) => operation.tags.includes(name))
      .map(
        ({ method, path, operation }) =>
          html`<li><a href="#${operation.operationId}"><b class="${method.toLowerCase()}">${method}</b> ${path}</a></li>`,
      );
    return html`<h2>${name}</h2><ul>${links}</ul>`;
  });
  return html`${groups}<h2><a href="#schemas">Schemas</a></h2>`;
}

function section({ method, path, operation }: Entry): Markup {
  const { requestBody, responses } = operation;
  return html`<section id="${operation.operationId}">
<h3><b class="${method.toLowerCase()}">${method}</b> <code>${path}</code></h3>
<p>${operation.summary}</p>
<pre><code>${curl(method, path)}</code></pre>
${requestBody ? html`<h4>Request body</h4>${content(requestBody.content)}` : raw("")}
<h4>Responses</h4>
<table>${Object.entries(responses).map(
    ([status, response]) => html`<tr><td><code>${status}</code></td><td>${String(response.description)}</td><td>${content(response.content)}</td></tr>`,
  )}</table>
</section>`;
}

/** Links to what a body is made of. */
function content(types: unknown): Markup {
  if (typeof types !== "object" || types === null) return raw("");
  return html`${Object.entries(types).map(([type, { schema }]: [string, { schema?: unknown }]) => {
    const names = [...JSON.stringify(schema ?? {}).matchAll(/#\/components\/schemas\/([^"]+)/g)].map(([, name]) => name);
    const links = names.map((name) => html` <a href="#schema-${name}">${name}</a>`);
    return html`<p><code>${type}</code>${links}</p>`;
  })}`;
}

const EXAMPLES: Readonly<Record<string, string>> = {
  "POST /v1/chat/completions": '{"model":"auto","messages":[{"role":"user","content":"Hello!"}]}',
  "POST /v1/models":
    '{"id":"my-model","provider":"openrouter","apiModelName":"openai/gpt-4","layer":"L2","relativeCost":1}',
  "PUT /v1/models/{id}": '{"enabled":false,"priority":5}',
};

function curl(method: string, path: string): string {
  const target = `http://localhost:3000${path.replace("{id}", "my-model")}`;
  const body = EXAMPLES[`${method} ${path}`];
  if (body) return `curl ${method === "POST" ? "" : `-X ${method} `}${target} \\\n  -H 'content-type: application/json' \\\n  -d '${body}'`;
  return method === "GET" ? `curl ${target}` : `curl -X ${method} ${target}`;
}

