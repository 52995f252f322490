import { describe, expect, it } from "vitest";
import { forbidden } from "./forbidden.mjs";
import { parseSource } from "./sources.mjs";

const CORE = "packages/core/src";

describe("what is forbidden", () => {
  it.each([
    [`${CORE}/wire.ts`, "const port = process.env.PORT;"],
    [`${CORE}/wire.ts`, 'import { env } from "node:process";'],
    ["packages/server/src/start.ts", "const { PORT } = process.env;"],
    ["packages/node/src/serve.ts", "console.log(1);"],
    [`${CORE}/wire.ts`, "function f(x: any) {}"],
    [`${CORE}/models/x.test.ts`, "const x = y as any;"],
    [`${CORE}/models/x.ts`, "const list: Array<any> = [];"],
    [`${CORE}/models/x.ts`, "const y = x as unknown as string;"],
    [`${CORE}/models/x.ts`, "// biome-ignore lint: because"],
    [`${CORE}/models/x.test.ts`, "// @ts-ignore"],
    [`${CORE}/models/x.ts`, "/* @ts-expect-error */"],
    [`${CORE}/models/x.ts`, "const t = Date.now();"],
    [`${CORE}/models/x.ts`, "const t = new Date();"],
    [`${CORE}/models/x.ts`, "const t = Math.random();"],
    [`${CORE}/models/x.ts`, 'const f = new Function("return 1");'],
    [`${CORE}/models/x.test.ts`, 'it.only("x", () => {});'],
    [`${CORE}/models/x.test.ts`, 'it.skip("x", () => {});'],
    ["packages/testkit/src/contracts/store.ts", 'describe.skip("x", () => {});'],
    [`${CORE}/models/x.test.ts`, "expect(true).toBe(true);"],
  ])("%s may not say %s", (path, text) => {
    expect(forbidden([parseSource(path, text)])).toHaveLength(1);
  });

  it.each([
    [`${CORE}/x.ts`, '// no other Date.now in core, nor process.env\nconst details = "as any, console.log()";'],
    [`${CORE}/x.ts`, "const at = new Date(0);"],
    [`${CORE}/clock.ts`, "const t = Date.now();"],
    ["packages/server/src/config.ts", "load(process.env);"],
    ["packages/server/src/banner.ts", 'console.log("up");'],
    ["packages/core/test/x.test.ts", 'it.skipIf(!hasRedis)("x", () => console.log(process.env.CI));'],
    ["packages/core/test/types.test-d.ts", "// @ts-expect-error\nconst x: string = 1;"],
  ])("%s may say %s", (path, text) => {
    expect(forbidden([parseSource(path, text)])).toEqual([]);
  });
});
