import ts from "typescript";
import { isTest, visit } from "./sources.mjs";

const PACKAGE = /^packages\//;
const LIBRARY = /^packages\/(?:core|node|testkit)\/src\//;
const CORE = /^packages\/core\/src\//;

/** What must not stand in a source, where, and why. `node` says whether a piece of syntax is it. */
const RULES = [
  {
    node: (node) => isMember(node, "process", "env") || isEnvImport(node),
    where: (source) => PACKAGE.test(source.path) && !isTest(source) && source.path !== "packages/server/src/config.ts",
    reason: "the environment is read in packages/server/src/config.ts alone",
  },
  {
    node: (node) => isMember(node, "console"),
    where: (source) => LIBRARY.test(source.path) && !isTest(source),
    reason: "a library does not print; use the logger",
  },
  { node: (node) => node.kind === ts.SyntaxKind.AnyKeyword, reason: "no any; use unknown and narrow it" },
  {
    node: (node) =>
      isCast(node) && isCast(node.expression) && node.expression.type.kind === ts.SyntaxKind.UnknownKeyword,
    where: (source) => !isTest(source) && !/^packages\/core\/src\/(?:http\/route|wire-base)\.ts$/.test(source.path),
    reason: "a double cast hides a design fault",
  },
  {
    node: (node) =>
      isMember(node, "Date", "now") ||
      isMember(node, "Math", "random") ||
      (isNew(node, "Date") && !node.arguments?.length),
    where: (source) => CORE.test(source.path) && !isTest(source) && source.path !== "packages/core/src/clock.ts",
    reason: "time and chance come from the Clock",
  },
  {
    node: (node) => isNew(node, "Function") || isCall(node, "eval"),
    reason: "no code from text",
  },
  {
    node: (node) => isCase(node) && ["only", "todo", "skip", "fails"].includes(node.name.text),
    reason: "no test is skipped, left alone or expected to fail; skipIf may name what is missing",
  },
  {
    node: (node) => isCall(node, "expect") && node.arguments[0]?.kind === ts.SyntaxKind.TrueKeyword,
    reason: "a test that cannot fail",
  },
];

/** Comments that switch a rule off. A type test needs one of them to say that something must not compile. */
const SWITCHED_OFF = /biome-ignore|@ts-ignore|@ts-nocheck|eslint-disable|v8 ignore|istanbul ignore/;
const EXPECTED_ERROR = /@ts-expect-error/;

/** One line for everything that must not be there. */
export function forbidden(sources) {
  return sources.flatMap((source) => [...forbiddenSyntax(source), ...switchedOff(source)]);
}

function forbiddenSyntax(source) {
  const rules = RULES.filter(({ where = () => true }) => where(source));
  const found = [];
  visit(source.tree, (node) => {
    for (const { node: is, reason } of rules)
      if (is(node)) found.push(`${source.path}:${lineOf(source, node)}: ${reason}`);
  });
  return found;
}

function switchedOff({ path, text }) {
  const words = path.endsWith(".test-d.ts") ? [SWITCHED_OFF] : [SWITCHED_OFF, EXPECTED_ERROR];
  return text.split("\n").flatMap((line, index) => {
    return words.some((word) => word.test(line)) ? [`${path}:${index + 1}: no rule is switched off in place`] : [];
  });
}

/** `object.name`, or any member of `object` without a name. */
function isMember(node, object, name) {
  if (!ts.isPropertyAccessExpression(node) || !ts.isIdentifier(node.expression)) return false;
  return node.expression.text === object && (name === undefined || node.name.text === name);
}

function isEnvImport(node) {
  if (!ts.isImportSpecifier(node) || (node.propertyName ?? node.name).text !== "env") return false;
  return /^(?:node:)?process$/.test(node.parent.parent.parent.moduleSpecifier.text);
}

/** `it.x`, `test.x`, `describe.x` */
function isCase(node) {
  return ["it", "test", "describe", "suite"].some((name) => isMember(node, name));
}

function isCast(node) {
  return ts.isAsExpression(node);
}

function isNew(node, name) {
  return ts.isNewExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === name;
}

function isCall(node, name) {
  return ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === name;
}

function lineOf({ tree }, node) {
  return tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1;
}
