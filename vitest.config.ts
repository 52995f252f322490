import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const packages = fileURLToPath(new URL("packages/", import.meta.url));

const long = process.env.TEST_TIER === "long";
const TESTS = [
  "packages/*/src/**/*.test.ts",
  "packages/*/test/**/*.test.ts",
  "examples/*/*.test.mjs",
  "scripts/**/*.test.mjs",
];

export default defineConfig({
  resolve: {
    // Tests run from source; the built packages have tests of their own, which spawn node.
    alias: [
      { find: /^@sluice\/core\/(.+)$/, replacement: `${packages}core/src/$1.ts` },
      { find: "@sluice/testkit/contracts", replacement: `${packages}testkit/src/contracts/index.ts` },
      { find: "@sluice/testkit/postgres", replacement: `${packages}testkit/src/postgres.ts` },
      { find: /^@sluice\/([a-z]+)$/, replacement: `${packages}$1/src/index.ts` },
    ],
  },
  test: {
    include: long ? ["packages/*/test/**/*.long.test.ts"] : TESTS,
    exclude: ["**/node_modules/**", ...(long ? [] : ["**/*.long.test.ts"])],
    maxWorkers: long ? 1 : 2, // two measurements at once would measure each other
    // No module keeps state and none is mocked, so files may share what they import: loading it is most of their time.
    isolate: false,
    testTimeout: long ? 300_000 : 60_000, // against hanging: a machine with two busy cores is slow
    hookTimeout: 60_000,
    // Real servers, shells and browsers share a machine with whatever else runs there: CI tries again what failed.
    retry: process.env.CI ? 2 : 0,
  },
});
