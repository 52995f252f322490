import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, posix, relative, sep } from "node:path";
import ts from "typescript";
import { ROOT } from "../lib/paths.mjs";

/** Every source of the packages and examples, parsed. */
export function readSources() {
  return ["packages", "examples"]
    .filter((folder) => existsSync(join(ROOT, folder)))
    .flatMap((folder) => sourcesBelow(join(ROOT, folder)))
    .map((file) => parseSource(slashes(relative(ROOT, file)), readFileSync(file, "utf8")));
}

/** A source as the rules see it: its path from the root, its text, its syntax tree and what it imports. */
export function parseSource(path, text) {
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const imports = [];
  visit(tree, (node) => {
    const found = importOf(node);
    if (found) imports.push(found);
  });
  return { path, text, tree, imports };
}

/** Calls `see` with a node and everything below it. */
export function visit(node, see) {
  see(node);
  ts.forEachChild(node, (child) => visit(child, see));
}

/** Any form of import or re-export: where from, the names where they are listed, and whether it leaves no code. */
function importOf(node) {
  if (ts.isImportDeclaration(node)) {
    return describe(node.moduleSpecifier, node.importClause?.namedBindings, clauseIsTyped(node.importClause));
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier) {
    return describe(node.moduleSpecifier, node.exportClause, node.isTypeOnly || allTyped(node.exportClause));
  }
  if (ts.isImportTypeNode(node)) return describe(node.argument.literal, undefined, true);
  const isCall = ts.isCallExpression(node) && isLoader(node.expression);
  return isCall ? describe(node.arguments[0], undefined, false) : null;
}

function isLoader(expression) {
  return (
    expression.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(expression) && expression.text === "require")
  );
}

function describe(specifier, bindings, typed) {
  if (!specifier || !ts.isStringLiteralLike(specifier)) return null;
  const names = bindings?.elements?.map((element) => (element.propertyName ?? element.name).text) ?? null;
  return { specifier: specifier.text, names, typed };
}

function clauseIsTyped(clause) {
  if (!clause) return false;
  return clause.isTypeOnly || (!clause.name && allTyped(clause.namedBindings));
}

function allTyped(bindings) {
  return bindings?.elements?.length > 0 && bindings.elements.every((element) => element.isTypeOnly);
}

/** The file a relative import means, as a path from the root; null for a package. */
export function targetOf({ path }, { specifier }) {
  if (!specifier.startsWith(".")) return null;
  return posix.join(posix.dirname(path), specifier).replace(/\.js$/, ".ts");
}

/** Whether a file is a test or helps tests only. */
export function isTest({ path }) {
  return (
    /\.test(?:-d)?\.(?:ts|mjs)$/.test(path) || /^packages\/[^/]+\/test\//.test(path) || path.endsWith(".config.ts")
  );
}

function sourcesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === "node_modules" || entry.name === "dist") return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sourcesBelow(path);
    return /\.(?:ts|mjs)$/.test(entry.name) ? [path] : [];
  });
}

function slashes(path) {
  return path.split(sep).join("/");
}
