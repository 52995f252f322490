import { join } from "node:path";
import { differences } from "../generate/index.mjs";
import { ROOT } from "../lib/paths.mjs";
import { run } from "../lib/run.mjs";
import { importCycles, importViolations } from "./import-rules.mjs";
import { readSources } from "./sources.mjs";
import { textViolations } from "./text-rules.mjs";
import { undocumentedExports } from "./undocumented.mjs";

/** What is checked besides the tests: a name, and a function that finds what is wrong. */
export const checks = [
  { name: "style (biome)", findings: () => tool("@biomejs/biome/bin/biome", ["check", "--colors=off", "."]) },
  { name: "types (tsc)", findings: () => tool("typescript/bin/tsc", ["-p", "."]) },
  { name: "import rules", findings: async () => importViolations(readSources()) },
  { name: "no import cycles", findings: async () => importCycles(readSources()) },
  { name: "forbidden words", findings: async () => textViolations(readSources()) },
  { name: "public names are documented", findings: async () => undocumentedExports() },
  { name: "generated files are up to date", findings: async () => differences() },
];

async function tool(script, words) {
  try {
    await run(process.execPath, [join(ROOT, "node_modules", script), ...words]);
    return [];
  } catch {
    return ["see the output above"];
  }
}
