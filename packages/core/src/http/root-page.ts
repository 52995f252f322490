import type { GatewayResponse } from "../spec/http.js";
import { COLOURS } from "./docs-styles.js";
import { html } from "./markup.js";
import { pageResponse } from "./page.js";

const STYLES = `${COLOURS}
body { margin: 0; min-height: 100vh; display: grid; place-content: center; font: 16px/1.6 system-ui, sans-serif; color: var(--text); background: var(--page); }
main { padding: 2rem; max-width: 34rem; }
h1 { margin: 0 0 .2rem; font-size: 1.9rem; letter-spacing: -.02em; }
p { margin: 0 0 1.2rem; color: var(--dim); }
ul { list-style: none; margin: 0; padding: 0; border-top: 1px solid var(--line); }
li { display: flex; justify-content: space-between; gap: 2rem; padding: .55rem 0; border-bottom: 1px solid var(--line); color: var(--dim); }
a { color: var(--accent); text-decoration: none; }
a:hover { text-decoration: underline; }`;

/** What a person sees who opens the gateway's address. */
export function rootPage(version: string, nonce: string): GatewayResponse {
  const body = html`<main>
<h1>Sluice</h1>
<p>An AI gateway, version ${version}. It is running.</p>
<ul>
<li><a href="docs">API reference</a> every route, with examples</li>
<li><a href="openapi.json">openapi.json</a> the same, for programs</li>
<li><a href="health">Health</a> providers, store and layers</li>
<li><a href="v1/models">Models</a> what can be asked</li>
</ul>
</main>`;
  return pageResponse({ title: "Sluice", styles: STYLES, body, nonce });
}
