import { join } from "node:path";
import { differences } from "../generate/index.mjs";
import { CACHE, ROOT } from "../lib/paths.mjs";
import { CommandFailed, run, withSignals } from "../lib/run.mjs";
import { fenceProblems } from "./fences.mjs";
import { forbidden } from "./forbidden.mjs";
import { importCycles, importViolations } from "./import-rules.mjs";
import { readSources } from "./sources.mjs";
import { undocumentedExports } from "./undocumented.mjs";

const BIOME = ["@biomejs/biome/bin/biome", "check", "--reporter=concise", "--colors=off", "--max-diagnostics=200", "."];
const TSC = ["typescript/bin/tsc", "-p", ".", "--pretty", "false", "--incremental"];

/** What is checked besides the tests: a name, and a function that finds what is wrong, a line each. */
const CHECKS = [
  { name: "style (npx biome check --write mends most)", find: () => tool(BIOME) },
  { name: "types", find: () => tool([...TSC, "--tsBuildInfoFile", join(CACHE, "tsbuildinfo")]) },
  { name: "import rules", find: () => importViolations(readSources()) },
  { name: "no import cycles", find: () => importCycles(readSources()) },
  { name: "nothing forbidden", find: () => forbidden(readSources()) },
  { name: "public names are documented", find: undocumentedExports },
  { name: "the docs' TypeScript compiles", find: fenceProblems },
  { name: "generated files are up to date", find: differences },
];

/** Runs every check and tells what it found; counts and names them as tests are counted and named. */
export async function runChecks(say) {
  const counts = { passed: 0, failed: 0, skipped: 0, names: { failed: [], skipped: [] } };
  for (const { name, find } of CHECKS) {
    const found = await linesOf(find);
    counts[found.length === 0 ? "passed" : "failed"]++;
    if (found.length > 0) counts.names.failed.push(name);
    say(`${found.length === 0 ? "ok    " : "FAILED"}  ${name}`);
    for (const line of found) say(`        ${line}`);
  }
  return counts;
}

/** A check that breaks has not passed. */
async function linesOf(find) {
  try {
    return await find();
  } catch (error) {
    return [error instanceof Error ? (error.stack ?? error.message) : String(error)];
  }
}

async function tool([script, ...words]) {
  try {
    await withSignals(() => run(process.execPath, [join(ROOT, "node_modules", script), ...words]));
    return [];
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    return error.output.split("\n").filter((line) => line.trim() !== "");
  }
}
