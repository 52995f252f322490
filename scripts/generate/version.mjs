import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../lib/paths.mjs";

export const readsSources = true;

/** The version as code can read it. All packages carry the same. */
export async function generate() {
  const { version } = JSON.parse(readFileSync(join(ROOT, "packages/core/package.json"), "utf8"));
  const text = `/** The version of this package. Generated from its package.json. */
export const VERSION = "${version}";
`;
  return { "packages/core/src/version.ts": text };
}
