import { cpSync } from "node:fs";
import { basename, join } from "node:path";
import { ROOT } from "../lib/paths.mjs";
import { writeManifest } from "./scratch.mjs";
import { foldersIn, manifestOf } from "./tarballs.mjs";

/** Every example. */
export const EXAMPLES = foldersIn("examples");

/** Copies the examples into a project, each a workspace of it with its own dependencies. */
export function copyExamples(folder) {
  for (const name of EXAMPLES) {
    const target = join(folder, "examples", name);
    cpSync(join(ROOT, "examples", name), target, { recursive: true, filter: isSource });
    const { devDependencies, dependencies = {}, ...manifest } = manifestOf(`examples/${name}`);
    writeManifest(target, { ...manifest, version: "0.0.0", dependencies: withoutWorkspace(dependencies) });
  }
}

function isSource(path) {
  return basename(path) !== "node_modules";
}

/** The project around the examples says where our packages come from. */
function withoutWorkspace(dependencies) {
  return Object.fromEntries(
    Object.entries(dependencies).map(([name, range]) => [name, range.startsWith("workspace:") ? "*" : range]),
  );
}
