import { relative } from "node:path";
import { ROOT } from "../lib/paths.mjs";

/**
 * Counts vitest's JSON report, null where there is none. What failed outside of any test counts as one failure: a file
 * that does not load, an error nobody caught, a run that found nothing to do.
 */
export function countTests(report, { clean }) {
  const files = report?.testResults ?? [];
  const tests = files.flatMap(({ name, assertionResults }) =>
    assertionResults.map((test) => ({ ...test, file: name })),
  );
  const passed = tests.filter(({ status }) => status === "passed");
  const failed = tests
    .filter(({ status }) => status === "failed")
    .map(({ file, fullName, failureMessages }) => `${place(file)}: ${fullName}: ${firstLine(failureMessages?.[0])}`);
  const broken = files.filter(isBroken).map(({ name, message }) => `${place(name)}: ${firstLine(message)}`);
  const failures = [...failed, ...broken];
  if (!clean && failures.length === 0) failures.push("vitest ended with an error outside of any test (see above)");
  const skipped = tests.filter(({ status }) => status !== "passed" && status !== "failed");
  return {
    passed: passed.length,
    failed: failures.length,
    skipped: skipped.length,
    names: { failed: failures, skipped: skipped.map(({ file, fullName }) => `${place(file)}: ${fullName}`) },
  };
}

function isBroken({ status, assertionResults }) {
  return status === "failed" && assertionResults.every((test) => test.status !== "failed");
}

function place(file) {
  return relative(ROOT, file);
}

function firstLine(text) {
  return (text ?? "").split("\n")[0];
}
