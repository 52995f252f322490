import { existsSync, readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { isAbsolute, relative } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const maps = new Map();

/** Where a frame's function stands in the sources: `{ file, line }`, through the source map of a built file. */
export function originalPlace({ url, lineNumber, columnNumber }) {
  const path = url.startsWith("file:") ? fileURLToPath(url) : url; // CommonJS modules have a path
  if (!isAbsolute(path)) return { file: path || "(native)", line: lineNumber + 1 };
  const entry = sourceMapOf(path)?.findEntry(lineNumber, columnNumber);
  if (entry?.originalSource)
    return { file: shortened(inPlace(path, entry.originalSource)), line: entry.originalLine + 1 };
  return { file: shortened(path), line: lineNumber + 1 };
}

function sourceMapOf(path) {
  if (!maps.has(path)) {
    const file = `${path}.map`;
    maps.set(path, existsSync(file) ? new SourceMap(JSON.parse(readFileSync(file, "utf8"))) : null);
  }
  return maps.get(path);
}

function inPlace(path, source) {
  return source.startsWith("file:") ? fileURLToPath(source) : fileURLToPath(new URL(source, `file://${path}`));
}

/** Dependencies lie deep; their name and the path in them say enough. */
function shortened(path) {
  return relative(ROOT, path).replace(/^.*node_modules\//, "");
}
