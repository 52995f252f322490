import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { CACHE, ROOT } from "./paths.mjs";

const SKIPPED = new Set(["node_modules", "dist", ".git", "test"]);

/** A hash over the names and contents of files, and of whole folders without what is tests. */
export function fingerprint(paths, root = ROOT) {
  const hash = createHash("sha256");
  for (const file of paths.flatMap((path) => filesBelow(join(root, path))).sort()) {
    hash.update(relative(root, file)).update("\0").update(readFileSync(file)).update("\0");
  }
  return hash.digest("hex");
}

function filesBelow(path) {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => !SKIPPED.has(entry.name) && !entry.name.endsWith(".test.ts"))
    .flatMap((entry) => filesBelow(join(path, entry.name)));
}

/** Whether a step was last finished with this fingerprint. */
export function isDone(step, print) {
  try {
    return readFileSync(join(CACHE, step), "utf8") === print;
  } catch {
    return false;
  }
}

/** Does `work` and remembers its fingerprint. While it runs, and after it was broken off, the step counts as not done. */
export async function stamped(step, print, work) {
  const file = join(CACHE, step);
  rmSync(file, { force: true });
  await work();
  mkdirSync(CACHE, { recursive: true });
  writeFileSync(`${file}.new`, print);
  renameSync(`${file}.new`, file);
}
