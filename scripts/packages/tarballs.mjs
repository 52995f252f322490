import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PACKAGES } from "../lib/build.mjs";
import { ROOT } from "../lib/paths.mjs";
import { pnpm } from "./npm.mjs";

/** Packs every public package as it would be published; gives the tarballs' paths by the packages' names. */
export async function packAll(folder) {
  const filters = publicPackages().map((name) => `--filter=./packages/${name}`);
  await pnpm(["--recursive", ...filters, "pack", "--pack-destination", folder]);
  return Object.fromEntries(publicPackages().map((name) => [`@sluice/${name}`, tarballOf(name, folder)]));
}

/** The packages that are built and not private. */
export function publicPackages() {
  return PACKAGES.filter((name) => !manifestOf(`packages/${name}`).private);
}

/** The folders below packages that nothing builds; they would be published without any code. */
export function forgottenPackages() {
  return foldersIn("packages").filter((name) => !PACKAGES.includes(name));
}

/** The names of the folders with a manifest of their own. */
export function foldersIn(folder) {
  return readdirSync(join(ROOT, folder)).filter((name) => existsSync(join(ROOT, folder, name, "package.json")));
}

/** A manifest of this repository. */
export function manifestOf(folder) {
  return JSON.parse(readFileSync(join(ROOT, folder, "package.json"), "utf8"));
}

function tarballOf(name, folder) {
  return join(folder, `sluice-${name}-${manifestOf(`packages/${name}`).version}.tgz`);
}
