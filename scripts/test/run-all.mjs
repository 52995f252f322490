import { prepare } from "../lib/prepare.mjs";
import { nodeOf, otherMajors } from "./node-versions.mjs";
import { runTests } from "./run-tests.mjs";

const words = process.argv.slice(2);
const long = words.includes("--long");
/** Every supported Node.js takes its time, which CI has. */
const matrix = words.includes("--matrix") || Boolean(process.env.CI);
const filters = words.filter((word) => !["--long", "--matrix"].includes(word));
const whole = !long && filters.length === 0;

await prepare(console.log, { types: whole, giveUp: () => finish([failedRound("it could not be prepared")]) });
const rounds = whole ? [await checkAll()] : [];
rounds.push(await runTests(filters, { long, node: process.execPath }));
if (whole && matrix) for (const major of otherMajors()) rounds.push(await testOn(major));
finish(rounds);

/** The checks need what `prepare` has just installed, so they are loaded late. */
async function checkAll() {
  const { runChecks } = await import("../check/index.mjs");
  return runChecks(console.log);
}

/** The same tests on another release line of Node.js. */
async function testOn(major) {
  console.log(`\nThe tests on Node.js ${major}:`);
  const round = await nodeOf(major)
    .then((node) => runTests([], { long: false, node }))
    .catch((error) => failedRound(error.message));
  const named = (names) => names.map((name) => `Node.js ${major}: ${name}`);
  return { ...round, names: { failed: named(round.names.failed), skipped: named(round.names.skipped) } };
}

function failedRound(reason) {
  return { passed: 0, failed: 1, skipped: 0, names: { failed: [reason], skipped: [] } };
}

/** Names what failed and what was skipped where somebody who reads the end of a long output finds it. */
function finish(rounds) {
  for (const { names } of rounds) {
    for (const name of names.failed) console.log(`failed: ${name}`);
    for (const name of names.skipped) console.log(`skipped: ${name}`);
  }
  const sum = (key) => rounds.reduce((total, round) => total + round[key], 0);
  const skipsFail = Boolean(process.env.CI) && sum("skipped") > 0;
  if (skipsFail) console.log("A skipped test is a failure in CI: install what it needs.");
  console.log(`${sum("passed")} passed, ${sum("failed")} failed, ${sum("skipped")} skipped`);
  process.exit(sum("failed") > 0 || skipsFail ? 1 : 0);
}
