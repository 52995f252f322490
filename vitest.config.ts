import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const packages = fileURLToPath(new URL("packages/", import.meta.url));

export default defineConfig({
  resolve: {
    // Tests run from source; the built packages have tests of their own, which spawn node.
    alias: [
      { find: /^@sluice\/core\/(.+)$/, replacement: `${packages}core/src/$1.ts` },
      { find: "@sluice/testkit/contracts", replacement: `${packages}testkit/src/contracts/index.ts` },
      { find: /^@sluice\/([a-z]+)$/, replacement: `${packages}$1/src/index.ts` },
    ],
  },
  test: {
    include: ["packages/*/src/**/*.test.ts", "packages/*/test/**/*.test.ts", "examples/*/*.test.ts"],
    exclude: ["**/node_modules/**", "**/*.long.test.ts"],
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
});
