import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "../lib/paths.mjs";

const FOLDER = join(ROOT, ".github/workflows");
const PINNED = /^ *- uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/;

describe.each(readdirSync(FOLDER))("the workflow %s", (file) => {
  const text = readFileSync(join(FOLDER, file), "utf8");

  it("pins every action to a commit, and says which version that is", () => {
    const uses = text.split("\n").filter((line) => /\buses:/.test(line));
    expect(uses.length).toBeGreaterThan(0);
    expect(uses.filter((line) => !PINNED.test(line))).toEqual([]);
  });

  it("has no rights but those each job names, and no secret", () => {
    expect(text).toMatch(/^permissions: \{\}$/m);
    expect(text).not.toMatch(/\bsecrets\.|TOKEN/);
    expect(text.match(/^ {6}\w[\w-]*: write\b/gm) ?? []).toEqual(
      file === "release.yml" ? ["      id-token: write"] : [],
    );
  });
});
