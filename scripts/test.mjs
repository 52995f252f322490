import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { checks } from "./check/index.mjs";
import { build } from "./lib/build.mjs";
import { install } from "./lib/install.mjs";
import { exclusively } from "./lib/lock.mjs";
import { assertNodeVersion } from "./lib/node-version.mjs";
import { CACHE, ROOT } from "./lib/paths.mjs";
import { run } from "./lib/run.mjs";

// npm test [-- FILTER…]: installs, builds, checks, tests. --long runs the long tier. The last line counts everything.
assertNodeVersion();
const long = process.argv.includes("--long");
const filters = process.argv.slice(2).filter((word) => word !== "--long");
const say = (line) => console.log(line);
const counts = { passed: 0, failed: 0, skipped: 0 };

try {
  await exclusively(async () => {
    await install(say);
    await build(say, { types: true });
  });
  if (filters.length === 0 && !long) await runChecks();
  await runTests();
} catch (error) {
  console.error(error.message);
  counts.failed++;
}
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exit(counts.failed > 0 ? 1 : 0);

async function runChecks() {
  for (const { name, findings } of checks) {
    const found = await findings();
    counts[found.length === 0 ? "passed" : "failed"]++;
    console.log(`${found.length === 0 ? "ok" : "FAILED"}  check: ${name}`);
    for (const finding of found) console.log(`        ${finding}`);
  }
}

async function runTests() {
  const report = join(CACHE, "tests.json");
  rmSync(report, { force: true });
  const vitest = join(ROOT, "node_modules/vitest/vitest.mjs");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  await run(process.execPath, [vitest, "run", ...reporters, ...filters], {
    show: true,
    env: long ? { TEST_TIER: "long" } : {},
  }).catch(() => {}); // the report says more than the exit status
  if (!existsSync(report)) throw new Error("vitest did not finish");
  count(JSON.parse(readFileSync(report, "utf8")));
}

function count({ numPassedTests, numFailedTests, success, testResults }) {
  counts.passed += numPassedTests;
  counts.failed += numFailedTests;
  if (!success && numFailedTests === 0) counts.failed++; // an error outside of any test
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const skipped = tests.filter(({ status }) => status === "pending" || status === "skipped" || status === "todo");
  counts.skipped += skipped.length;
  for (const { fullName } of skipped) console.log(`skipped: ${fullName}`);
  if (process.env.CI && skipped.length > 0) {
    console.log(`${skipped.length} skipped tests fail in CI: install what they need`);
    counts.failed += skipped.length;
  }
}
