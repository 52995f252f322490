import { describe, expect, it } from "vitest";
import { importCycles, importViolations } from "./import-rules.mjs";
import { textViolations } from "./text-rules.mjs";

const CORE = "packages/core/src";

describe("import rules", () => {
  it.each([
    [`${CORE}/schemas/chat.ts`, "../routing/plan.js", "a leaf imports leaves only"],
    [`${CORE}/models/catalog.ts`, "../http/route.js", "models must not know http"],
    [`${CORE}/http/handler.ts`, "../providers/openai.js", "http must not know providers"],
    [`${CORE}/routing/plan.ts`, "../wire.js", "routing must not know wire"],
    [`${CORE}/routing/plan.ts`, "node:net", "only net-guard opens the network"],
    [`${CORE}/gateway.ts`, "@sluice/node", "core depends on no other package"],
    ["packages/node/src/serve.ts", "../../core/src/wire.js", "public names only"],
    ["packages/node/src/serve.ts", "@sluice/core/dist/wire.js", "public names only"],
  ])("%s may not import %s", (path, specifier, reason) => {
    expect(importViolations([{ path, text: "", imports: [specifier] }])).toEqual([expect.stringContaining(reason)]);
  });

  it.each([
    [`${CORE}/routing/plan.ts`, "../schemas/chat.js"],
    [`${CORE}/routing/attempt.ts`, "../dialects/translation.js"],
    [`${CORE}/wire.ts`, "./http/handler.js"],
    [`${CORE}/net-guard.ts`, "node:net"],
    [`${CORE}/routing/plan.test.ts`, "../http/handler.js"],
    ["packages/node/src/serve.ts", "node:http"],
  ])("%s may import %s", (path, specifier) => {
    expect(importViolations([{ path, text: "", imports: [specifier] }])).toEqual([]);
  });

  it("finds a circle", () => {
    const sources = [
      { path: `${CORE}/a.ts`, text: "", imports: ["./b.js"] },
      { path: `${CORE}/b.ts`, text: "", imports: ["./c.js"] },
      { path: `${CORE}/c.ts`, text: "", imports: ["./a.js"] },
    ];
    expect(importCycles(sources)).toHaveLength(1);
    expect(importCycles(sources.slice(0, 2))).toEqual([]);
  });
});

describe("forbidden words", () => {
  it.each([
    [`${CORE}/wire.ts`, "const port = process.env.PORT;"],
    ["packages/node/src/serve.ts", "console.log(1);"],
    [`${CORE}/wire.ts`, "function f(x: any) {}"],
    [`${CORE}/models/x.ts`, "const y = x as unknown as string;"],
    [`${CORE}/models/x.ts`, "// biome-ignore lint: because"],
    [`${CORE}/models/x.ts`, "const t = Date.now();"],
    [`${CORE}/models/x.test.ts`, "it.only('x', () => {});"],
    [`${CORE}/models/x.test.ts`, "expect(true).toBe(true);"],
  ])("%s may not say %s", (path, text) => {
    expect(textViolations([{ path, text, imports: [] }])).toHaveLength(1);
  });

  it("leaves comments and strings alone", () => {
    const text = '// no other Date.now in core\nconst details = "as any";';
    expect(textViolations([{ path: `${CORE}/x.ts`, text, imports: [] }])).toEqual([]);
  });
});
