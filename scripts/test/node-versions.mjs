import { existsSync } from "node:fs";
import { join } from "node:path";
import { CACHE } from "../lib/paths.mjs";
import { run } from "../lib/run.mjs";

/** The release lines the packages promise to work on. */
const MAJORS = [20, 22, 24];

/** Every release line that is not the running one. */
export function otherMajors() {
  const [running] = process.versions.node.split(".");
  return MAJORS.filter((major) => major !== Number(running));
}

/** The path of a Node.js of a release line, which the npm registry brings where it is not there yet. */
export async function nodeOf(major) {
  const name = `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
  const home = join(CACHE, `node-${major}`);
  const program = join(home, "node_modules", name, "bin", process.platform === "win32" ? "node.exe" : "node");
  if (existsSync(program)) return program;
  const words = ["install", "--prefix", home, "--no-save", "--ignore-scripts", "--no-audit", "--no-fund"];
  await run("npm", [...words, `${name}@${major}`], {
    shell: process.platform === "win32",
    failure: `Node.js ${major} could not be fetched from the npm registry.`,
  });
  return program;
}
