import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../lib/paths.mjs";
import * as configuration from "./configuration.mjs";
import * as errors from "./errors.mjs";
import * as openapi from "./openapi.mjs";
import * as providers from "./providers.mjs";

/** Each generator gives the files it makes from code: path from the root, and content. They read the built packages. */
const GENERATORS = [providers, openapi, errors, configuration];

/** Every generated file as it should be. */
export async function generatedFiles() {
  const files = {};
  for (const { generate } of GENERATORS) Object.assign(files, await generate());
  return files;
}

/** One line for every generated file that is not as it should be. */
export async function differences() {
  return Object.entries(await generatedFiles())
    .filter(([path, content]) => !existsSync(join(ROOT, path)) || readFileSync(join(ROOT, path), "utf8") !== content)
    .map(([path]) => `${path}: is out of date; run npm run generate`);
}
