import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { CACHE, ROOT } from "../lib/paths.mjs";
import { run, withSignals } from "../lib/run.mjs";
import { countTests } from "./count-tests.mjs";

/** Runs vitest in view, names what was skipped, and counts. */
export async function runTests(filters, { long, node }) {
  const report = join(CACHE, `tests-${process.pid}.json`);
  mkdirSync(CACHE, { recursive: true });
  const clean = await vitest(filters, { report, long, node });
  const { names, ...counts } = countTests(readReport(report), { clean });
  for (const name of names.failed) console.log(`failed: ${name}`);
  for (const name of names.skipped) console.log(`skipped: ${name}`);
  return counts;
}

/** Resolves whether vitest itself was content; it also knows of errors outside of any test. */
async function vitest(filters, { report, long, node }) {
  const script = join(ROOT, "node_modules/vitest/vitest.mjs");
  const words = [script, "run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`, ...filters];
  const env = long ? { TEST_TIER: "long" } : {};
  return withSignals(() => run(node, words, { show: true, env })).then(
    () => true,
    () => false,
  );
}

function readReport(file) {
  if (!existsSync(file)) return null;
  const report = JSON.parse(readFileSync(file, "utf8"));
  rmSync(file);
  return report;
}
