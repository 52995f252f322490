import type { GatewayResponse } from "../spec/http.js";
import { html, type Markup, raw } from "./markup.js";

/** A page and its one style sheet. */
export interface Page {
  readonly title: string;
  readonly styles: string;
  readonly body: Markup;
  /** Names the one style element the page's policy allows; unguessable. */
  readonly nonce: string;
}

/** Answers a page that needs nothing else: no script, no other file, no network. */
export function pageResponse({ title, styles, body, nonce }: Page): GatewayResponse {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="data:,">
<style nonce="${nonce}">${raw(styles)}</style>
</head>
<body>${body}</body>
</html>
`;
  return {
    status: 200,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": `default-src 'none'; style-src 'nonce-${nonce}'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    },
    body: page.text,
  };
}
