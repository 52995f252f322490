import { existsSync } from "node:fs";
import { join } from "node:path";
import { fingerprint, isDone, markDone } from "./fingerprint.mjs";
import { ROOT } from "./paths.mjs";
import { run } from "./run.mjs";

/** In the order of their dependencies. */
export const PACKAGES = ["core", "node", "testkit", "server"];

/** Bundles every package whose sources have changed; with `types` the declarations too. */
export async function build(say, { types = false } = {}) {
  for (const name of PACKAGES) await buildOne(name, say, types);
}

async function buildOne(name, say, types) {
  const folder = join(ROOT, "packages", name);
  const print = fingerprint(["tsconfig.base.json", "pnpm-lock.yaml", `packages/${name}`]);
  if (!isDone(`build-${name}`, print) || !existsSync(join(folder, "dist"))) {
    say(`Building @sluice/${name}…`);
    await run(process.execPath, [join(ROOT, "node_modules/tsup/dist/cli-default.js"), "--silent"], { cwd: folder });
    markDone(`build-${name}`, print);
    markDone(`types-${name}`, "");
  }
  if (!types || isDone(`types-${name}`, print)) return;
  say(`Writing the type declarations of @sluice/${name}…`);
  const words = ["-p", "tsconfig.json", "--noEmit", "false", "--declaration", "--emitDeclarationOnly"];
  await run(
    process.execPath,
    [join(ROOT, "node_modules/typescript/bin/tsc"), ...words, "--rootDir", "src", "--outDir", "dist"],
    { cwd: folder },
  );
  markDone(`types-${name}`, print);
}
