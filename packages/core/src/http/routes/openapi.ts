import { VERSION } from "../../version.js";
import { docsPage } from "../docs-page.js";
import { type OpenapiDocument, openapiDocument } from "../openapi.js";
import { rootPage } from "../root-page.js";
import { defineRoute, jsonReply, type Route, reply } from "../route.js";

/** The routes that describe the others: the OpenAPI document and the page rendered from it. */
export function describingRoutes(others: readonly Route[]): readonly Route[] {
  let rendered: OpenapiDocument | null = null;
  const document = () => {
    rendered ??= openapiDocument(all, { version: VERSION });
    return rendered;
  };
  const getOpenapi = defineRoute({
    method: "GET",
    path: "/openapi.json",
    operationId: "getOpenapi",
    summary: "This API as an OpenAPI 3.1 document.",
    tag: "Docs",
    access: "public",
    limited: false,
    response: "application/json",
    handle: () => jsonReply(200, document()),
  });
  const getDocs = defineRoute({
    method: "GET",
    path: "/docs",
    operationId: "getDocs",
    summary: "This API as a page to read.",
    tag: "Docs",
    access: "public",
    limited: false,
    response: "text/html",
    handle: ({ services }) => reply(docsPage(document(), services.clock.id(""))),
  });
  const getRoot = defineRoute({
    method: "GET",
    path: "/",
    operationId: "getRoot",
    summary: "A page that leads to the others.",
    tag: "Docs",
    access: "public",
    limited: false,
    response: "text/html",
    handle: ({ services }) => reply(rootPage(VERSION, services.clock.id(""))),
  });
  const all = [...others, getOpenapi, getDocs, getRoot];
  return all;
}
