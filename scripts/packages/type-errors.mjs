import { join } from "node:path";
import { ROOT } from "../lib/paths.mjs";
import { nodeIn } from "./scratch.mjs";

/** The strictest an application may be. */
const FLAGS = ["--noEmit", "--strict", "--target", "es2022", "--types", "node"];
const FILES = ["application.ts", "declarations.ts"];

/** What this repository's TypeScript says about the applications in a project. */
export function typeErrors(folder, flags) {
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  return nodeIn(folder, tsc, ...FLAGS, ...flags, ...FILES).catch(({ stdout, message }) => stdout || message);
}
