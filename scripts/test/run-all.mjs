import { prepare } from "../lib/prepare.mjs";
import { runTests } from "./run-tests.mjs";

const words = process.argv.slice(2);
const long = words.includes("--long");
const filters = words.filter((word) => word !== "--long");
const whole = !long && filters.length === 0;

await prepare(console.log, { types: whole, giveUp: () => finish([{ passed: 0, failed: 1, skipped: 0 }]) });
const checked = whole ? [await checkAll()] : [];
finish([...checked, await runTests(filters, { long })]);

/** The checks need what `prepare` has just installed, so they are loaded late. */
async function checkAll() {
  const { runChecks } = await import("../check/index.mjs");
  return runChecks(console.log);
}

function finish(rounds) {
  const sum = (key) => rounds.reduce((total, round) => total + round[key], 0);
  const skipsFail = Boolean(process.env.CI) && sum("skipped") > 0;
  if (skipsFail) console.log("A skipped test is a failure in CI: install what it needs.");
  console.log(`${sum("passed")} passed, ${sum("failed")} failed, ${sum("skipped")} skipped`);
  process.exit(sum("failed") > 0 || skipsFail ? 1 : 0);
}
