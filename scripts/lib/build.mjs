import { existsSync } from "node:fs";
import { join } from "node:path";
import { fingerprint, isDone, stamped } from "./fingerprint.mjs";
import { ROOT } from "./paths.mjs";
import { run } from "./run.mjs";

/** In the order of their dependencies. */
export const PACKAGES = ["core", "node", "express", "koa", "testkit", "server"];

const SHARED = ["tsconfig.base.json", "pnpm-lock.yaml"];

/** Whether every package is built from the sources as they are. */
export function isBuilt({ types }) {
  return PACKAGES.every((name) => isBundled(name) && (!types || hasTypes(name)));
}

/** Bundles every package whose sources have changed; with `types` writes the declarations too. */
export async function build(say, { types }) {
  const stale = PACKAGES.filter((name) => !isBundled(name));
  if (stale.length > 0) say("Building…");
  await all(stale.map(bundle)); // one does not read the other's bundle
  if (!types || PACKAGES.every(hasTypes)) return;
  say("Writing type declarations…");
  for (const name of PACKAGES) if (!hasTypes(name)) await declare(name);
}

function isBundled(name) {
  return isDone(`bundle-${name}`, bundlePrint(name)) && existsSync(join(folderOf(name), "dist/index.js"));
}

function hasTypes(name) {
  return isDone(`types-${name}`, typesPrint(name)) && existsSync(join(folderOf(name), "dist/index.d.ts"));
}

function bundlePrint(name) {
  return fingerprint([...SHARED, `packages/${name}`]);
}

/** A package's declarations are made from those of the packages before it. */
function typesPrint(name) {
  const before = PACKAGES.slice(0, PACKAGES.indexOf(name) + 1);
  return fingerprint([...SHARED, ...before.map((each) => `packages/${each}`)]);
}

function bundle(name) {
  const tsup = join(ROOT, "node_modules/tsup/dist/cli-default.js");
  return stamped(`bundle-${name}`, bundlePrint(name), () =>
    run(process.execPath, [tsup, "--silent"], { cwd: folderOf(name), failure: `@sluice/${name} could not be built.` }),
  );
}

function declare(name) {
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  const failure = `The type declarations of @sluice/${name} could not be written.`;
  return stamped(`types-${name}`, typesPrint(name), () =>
    run(process.execPath, [tsc, "-p", folderOf(name)], { failure }),
  );
}

function folderOf(name) {
  return join(ROOT, "packages", name);
}

/** Like Promise.all, but nothing is still running when it rejects. */
async function all(promises) {
  const results = await Promise.allSettled(promises);
  const failed = results.find(({ status }) => status === "rejected");
  if (failed) throw failed.reason;
}
