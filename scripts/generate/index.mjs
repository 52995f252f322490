import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ROOT } from "../lib/paths.mjs";

/*
 * Every other module of this folder is a generator, found by its file. It exports
 *
 *   generate()   the files it derives from code: path from the root -> content, as they are committed. A TypeScript
 *                file has to come out as the formatter would leave it.
 *   readsSources true when it reads sources only; the others import the built packages and run after the build.
 *
 * A generator writes nothing itself: `npm run generate` does, and `npm run generate -- --check` compares.
 */
const FOLDER = join(ROOT, "scripts/generate");

/** Writes what differs; `kind` is which generators run. Returns the paths written. */
export async function writeFiles(kind) {
  const differing = await differingFiles(kind);
  for (const { path, content } of differing) {
    mkdirSync(dirname(join(ROOT, path)), { recursive: true });
    writeFileSync(join(ROOT, path), content);
  }
  return differing.map(({ path }) => path);
}

/** One line for every committed file that is not what its generator makes. */
export async function differences() {
  const differing = [...(await differingFiles("sources")), ...(await differingFiles("built"))];
  return differing.map(({ path }) => `${path}: is out of date; run npm run generate`);
}

async function differingFiles(kind) {
  const generators = (await loadGenerators()).filter(
    ({ readsSources = false }) => readsSources === (kind === "sources"),
  );
  const made = await Promise.all(generators.map(({ generate }) => generate()));
  return made
    .flatMap((files) => Object.entries(files))
    .map(([path, content]) => ({ path, content }))
    .filter(({ path, content }) => !isCommitted(join(ROOT, path), content));
}

function loadGenerators() {
  const names = readdirSync(FOLDER).filter((name) => name !== "index.mjs" && !name.endsWith(".test.mjs"));
  return Promise.all(names.map((name) => import(`./${name}`)));
}

function isCommitted(file, content) {
  return existsSync(file) && readFileSync(file, "utf8") === content;
}
