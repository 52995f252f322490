import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { CACHE, ROOT } from "../lib/paths.mjs";
import { run, withSignals } from "../lib/run.mjs";
import { countTests } from "./count-tests.mjs";

/** Runs vitest in view; counts, and names what failed and what was skipped. */
export async function runTests(filters, { long, node }) {
  const report = join(CACHE, `tests-${process.pid}.json`);
  mkdirSync(CACHE, { recursive: true });
  const clean = await vitest(filters, { report, long, node });
  return countTests(readReport(report), { clean });
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
