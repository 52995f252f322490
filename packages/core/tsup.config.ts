import { defineConfig } from "tsup";

export default defineConfig({
  entry: [
    "src/index.ts",
    "src/mcp.ts",
    "src/providers/*.ts",
    "src/stores/*.ts",
    "src/limits/*.ts",
    "src/terminal/agents.ts",
    "src/terminal/local.ts",
    "src/usage/redis.ts",
    "!src/**/*.test.ts",
  ],
  format: "esm",
  target: "node20",
  sourcemap: true,
  clean: true,
});
