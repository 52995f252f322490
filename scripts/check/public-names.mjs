import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../lib/paths.mjs";
import { isTest, targetOf } from "./sources.mjs";

/** Which packages of ours each one may import; in tests testkit comes on top. */
const BELOW = {
  core: [],
  node: ["core"],
  express: ["core", "node"],
  koa: ["core", "node"],
  testkit: ["core"],
  server: ["core", "node"],
};

/** Why an import from one package into another is not by a public name, or null. */
export function publicNameReason(source, each, readManifest = manifestOf) {
  const from = packageOf(source.path);
  const target = targetOf(source, each);
  if (target !== null) return packageOf(target) === from ? null : "packages use each other's public names only";
  const [, to, subpath] = /^@sluice\/([^/]+)(\/.+)?$/.exec(each.specifier) ?? [];
  if (to === undefined) return declaredReason(source, each, readManifest);
  if (!isTest(source) && BELOW[from] && !BELOW[from].includes(to)) return `@sluice/${from} must not know @sluice/${to}`;
  return isExported(readManifest(to), `.${subpath ?? ""}`) ? null : "packages use each other's public names only";
}

/** The workspace would find a package that the manifest lacks; an application that installs ours would not. */
function declaredReason(source, { specifier }, readManifest) {
  const owner = packageOf(source.path);
  if (specifier.startsWith("node:") || isTest(source) || !source.path.startsWith("packages/")) return null;
  const name = specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
  const { dependencies, peerDependencies } = readManifest(owner);
  return name in { ...dependencies, ...peerDependencies } ? null : `package.json does not depend on ${name}`;
}

/** As Node.js resolves `exports`: a target of null takes out what a wider pattern lets in. */
function isExported({ exports }, subpath) {
  const targets = Object.entries(exports).filter(([name]) => matches(name, subpath));
  return targets.length > 0 && targets.every(([, target]) => target !== null);
}

function matches(name, subpath) {
  const [before, after] = name.split("*");
  if (after === undefined) return name === subpath;
  return subpath.startsWith(before) && subpath.endsWith(after);
}

/** A package's name, or an example's path: the two may be called the same. */
function packageOf(path) {
  return /^(?:packages\/|(?=examples\/))((?:examples\/)?[^/]+)\//.exec(path)?.[1];
}

function manifestOf(name) {
  return JSON.parse(readFileSync(join(ROOT, "packages", name, "package.json"), "utf8"));
}
