import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "../lib/paths.mjs";

/** The API as it is, for readers and for tools that make clients. */
export async function generate() {
  const { Gateway } = await import(pathToFileURL(join(ROOT, "packages/core/dist/index.js")).href);
  return { "docs/openapi.json": `${JSON.stringify(new Gateway().openapi(), null, 2)}\n` };
}
