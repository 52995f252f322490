import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { CACHE, ROOT } from "./paths.mjs";

const SKIPPED = new Set(["node_modules", "dist", ".git", "test"]);

/** A hash over the content of files and folders. */
export function fingerprint(paths) {
  const hash = createHash("sha256").update(process.version);
  for (const file of paths.flatMap((path) => filesBelow(join(ROOT, path))).sort()) {
    hash.update(relative(ROOT, file)).update("\0").update(readFileSync(file)).update("\0");
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

/** Remembers a finished step; the rename makes it all or nothing. */
export function markDone(step, print) {
  mkdirSync(CACHE, { recursive: true });
  const file = join(CACHE, step);
  writeFileSync(`${file}.${process.pid}`, print);
  renameSync(`${file}.${process.pid}`, file);
}
