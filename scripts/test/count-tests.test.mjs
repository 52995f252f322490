import { join } from "node:path";
import { expect, it } from "vitest";
import { ROOT } from "../lib/paths.mjs";
import { countTests } from "./count-tests.mjs";

function file(status, ...tests) {
  const assertionResults = tests.map((each, index) => ({
    status: each,
    fullName: `${each} ${index}`,
    failureMessages: each === "failed" ? ["Error: not so\n at x"] : [],
  }));
  return { name: join(ROOT, "x/y.test.ts"), status, message: "SyntaxError: no\n at x", assertionResults };
}

it("counts and names", () => {
  const report = {
    testResults: [file("failed", "passed", "failed"), file("passed", "passed", "skipped", "todo", "pending")],
  };
  expect(countTests(report, { clean: false })).toMatchObject({
    passed: 2,
    failed: 1,
    skipped: 3,
    names: {
      failed: ["x/y.test.ts: failed 1: Error: not so"],
      skipped: ["x/y.test.ts: skipped 1", "x/y.test.ts: todo 2", "x/y.test.ts: pending 3"],
    },
  });
});

it("counts a file that does not load as a failure", () => {
  const counts = countTests({ testResults: [file("failed")] }, { clean: false });
  expect(counts).toMatchObject({
    passed: 0,
    failed: 1,
    names: { failed: [expect.stringContaining("SyntaxError: no")] },
  });
});

it("counts an error outside of every test as a failure", () => {
  expect(countTests({ testResults: [file("passed", "passed")] }, { clean: false })).toMatchObject({
    passed: 1,
    failed: 1,
  });
});

it("counts a run without a report as a failure", () => {
  expect(countTests(null, { clean: false })).toMatchObject({ passed: 0, failed: 1 });
});
