import { outwardReason } from "./outward.mjs";
import { publicNameReason } from "./public-names.mjs";
import { leafPackageReason, roomReason } from "./rooms.mjs";
import { isTest, targetOf } from "./sources.mjs";

/** Tests may look into every room of their own package, and serve. */
const HOUSE_RULES = [roomReason, leafPackageReason, outwardReason];

/** One line for every import that goes where it must not. */
export function importViolations(sources) {
  return sources.flatMap((source) => {
    const rules = isTest(source) ? [publicNameReason] : [...HOUSE_RULES, publicNameReason];
    return source.imports.flatMap((each) => {
      const reason = rules.map((rule) => rule(source, each)).find((found) => found !== null);
      return reason === undefined ? [] : [`${source.path}: imports ${each.specifier}; ${reason}`];
    });
  });
}

/** One line for every circle of imports, types included. */
export function importCycles(sources) {
  const graph = new Map(sources.map((source) => [source.path, source.imports.map((each) => targetOf(source, each))]));
  const done = new Set();
  const cycles = [];
  const walk = (path, trail) => {
    const at = trail.indexOf(path);
    if (at >= 0) cycles.push(`${[...trail.slice(at), path].join(" -> ")}: imports go in a circle`);
    if (at >= 0 || done.has(path)) return;
    for (const next of graph.get(path) ?? []) if (next !== null) walk(next, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) walk(path, []);
  return cycles;
}
