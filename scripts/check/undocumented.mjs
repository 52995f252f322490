import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import ts from "typescript";
import { PACKAGES } from "../lib/build.mjs";
import { ROOT } from "../lib/paths.mjs";

/** One line for every public name without a documentation comment. */
export function undocumentedExports() {
  const { config } = ts.readConfigFile(join(ROOT, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
  return undocumentedIn(publicFiles(), options);
}

/** The same for any entry files. */
export function undocumentedIn(entries, options) {
  const program = ts.createProgram(entries, options);
  const checker = program.getTypeChecker();
  const missing = entries.flatMap((entry) => {
    const module = checker.getSymbolAtLocation(program.getSourceFile(entry));
    if (!module) return [`${relative(ROOT, entry)}: is public and exports nothing`];
    return checker.getExportsOfModule(module).flatMap((exported) => undocumented(exported, checker));
  });
  return [...new Set(missing)];
}

/** A re-export may be documented where it is defined or where it is handed on. */
function undocumented(exported, checker) {
  const defined = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
  const file = defined.declarations?.[0]?.getSourceFile().fileName;
  if (!file || file.includes("/node_modules/")) return [];
  const isTold = [exported, defined].some((symbol) => symbol.getDocumentationComment(checker).length > 0);
  return isTold || isToldNamespace(exported)
    ? []
    : [`${relative(ROOT, file)}: ${exported.name} is public and has no comment`];
}

/** `export * as name`: the compiler leaves the comment with the statement. */
function isToldNamespace({ declarations = [] }) {
  return declarations.some((each) => ts.isNamespaceExport(each) && ts.getJSDocCommentsAndTags(each.parent).length > 0);
}

/** The sources behind what the packages' manifests export. */
function publicFiles() {
  return PACKAGES.flatMap((name) => {
    const folder = join(ROOT, "packages", name);
    const { exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const built = Object.values(exports).flatMap((target) => target?.default ?? []);
    return built.flatMap((path) => sourcesOf(join(folder, path.replace("/dist/", "/src/").replace(/\.js$/, ".ts"))));
  });
}

function sourcesOf(pattern) {
  if (!pattern.endsWith("/*.ts")) return [pattern];
  const folder = pattern.slice(0, -"/*.ts".length);
  return readdirSync(folder)
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
    .map((file) => join(folder, file));
}
