import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import ts from "typescript";
import { ROOT } from "../lib/paths.mjs";

/** Every source file of the packages: its path from the root, its text, and what it imports. */
export function readSources(root = ROOT) {
  return typescriptBelow(join(root, "packages")).map((file) => {
    const text = readFileSync(file, "utf8");
    const { importedFiles } = ts.preProcessFile(text, true, true);
    return { path: slashes(relative(root, file)), text, imports: importedFiles.map(({ fileName }) => fileName) };
  });
}

function typescriptBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === "node_modules" || entry.name === "dist") return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return typescriptBelow(path);
    return entry.name.endsWith(".ts") ? [path] : [];
  });
}

/** The file a relative import means, as a path from the root; null for a package. */
export function targetOf(source, specifier) {
  if (!specifier.startsWith(".")) return null;
  return slashes(relative(".", resolve(dirname(source.path), specifier))).replace(/\.js$/, ".ts");
}

/** Whether a file is a test or helps tests only. */
export function isTest({ path }) {
  return path.endsWith(".test.ts") || /^packages\/[^/]+\/test\//.test(path) || path.endsWith(".config.ts");
}

function slashes(path) {
  return path.split(sep).join("/");
}
