import { execFile } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { npm } from "./npm.mjs";

const FIXTURES = fileURLToPath(new URL("fixtures/", import.meta.url));
const INSTALL = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"];

/** Writes a project outside of this repository with the fixtures in it. */
export function writeProject(folder, { tarballs, dependencies = {}, workspaces = [] }) {
  mkdirSync(folder, { recursive: true });
  cpSync(FIXTURES, folder, { recursive: true });
  const files = Object.entries(tarballs).map(([name, file]) => [name, `file:${file}`]);
  writeManifest(folder, {
    name: "scratch",
    private: true,
    type: "module",
    dependencies: { ...Object.fromEntries(files), ...dependencies },
    overrides: Object.fromEntries(files.map(([name]) => [name, `$${name}`])), // none of ours comes from the registry
    workspaces,
  });
}

/** Writes a package.json. */
export function writeManifest(folder, manifest) {
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest, null, 2));
}

/** Installs a project's packages, without running any script of theirs. */
export function installProject(folder) {
  return npm([...INSTALL, "--fetch-retries=1", "--fetch-timeout=30000"], { cwd: folder });
}

/** Runs Node.js in a project and gives what it printed, without waiting for ever. */
export async function nodeIn(folder, ...words) {
  const env = { ...process.env, NODE_PATH: "" }; // pnpm's launchers put packages of this repository there
  const { stdout } = await promisify(execFile)(process.execPath, words, { cwd: folder, env, timeout: 170_000 });
  return stdout.trim();
}

/** What npm installed into a project: a name and npm's notes on each package. */
export function installedPackages(folder) {
  const { packages } = JSON.parse(readFileSync(join(folder, "node_modules/.package-lock.json"), "utf8"));
  return Object.entries(packages).map(([path, notes]) => ({ name: path.replace(/^.*node_modules\//, ""), ...notes }));
}

/** The compiled add-ons below a project. */
export function nativeFiles(folder) {
  return filesBelow(folder).filter((path) => path.endsWith(".node"));
}

/** The modules of an installed @sluice/core that lie deeper than its public ones, by the names one might import. */
export function internalModules(folder) {
  return filesBelow(join(folder, "node_modules/@sluice/core/dist"))
    .filter((path) => /^(?:providers|stores)\/.+\/.+\.d\.ts$/.test(path))
    .map((path) => `@sluice/core/${path.replace(/\.d\.ts$/, "")}`);
}

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true }).map((path) => path.replaceAll(sep, "/"));
}
