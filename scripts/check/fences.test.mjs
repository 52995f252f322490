import { describe, expect, it } from "vitest";
import { fencesIn, problemsOf } from "./fences.mjs";

const PAGE = `# A page

\`\`\`sh
npm start
\`\`\`

\`\`\`ts check
import { Gateway } from "@sluice/core";

const gateway = new Gateway({ modes: "production" });
\`\`\`

\`\`\`ts
const x = …;
\`\`\`
`;

describe("the fences of a page", () => {
  it("are found with the line their code begins in", () => {
    const fences = fencesIn("docs/a.md", PAGE);
    expect(fences.map(({ line, checked }) => [line, checked])).toEqual([
      [8, true],
      [14, false],
    ]);
    expect(fences[1].code).toBe("const x = …;");
  });

  it("are compiled, or said to be unmarked", () => {
    expect(problemsOf(fencesIn("docs/a.md", PAGE))).toEqual([
      expect.stringMatching(/^docs\/a\.md:14: .*marked/),
      expect.stringMatching(/^docs\/a\.md:10: .*'modes' does not exist/),
    ]);
  });

  it("may use what this repository depends on", () => {
    const page = (code) => `\`\`\`ts check\n${code}\n\`\`\`\n`;
    const good = 'import express from "express";\nimport Koa from "koa";\nexpress().use(new Koa().callback());';
    expect(problemsOf(fencesIn("README.md", page(good)))).toEqual([]);
    const bad = 'import nothing from "left-pad";';
    expect(problemsOf(fencesIn("README.md", page(bad)))).toEqual([expect.stringContaining("left-pad")]);
  });
});
