import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { prepare } from "../lib/prepare.mjs";
import { BUDGETS } from "./budgets.mjs";
import { declarationProblems } from "./declarations.mjs";
import { lintTarball } from "./lint.mjs";
import { canPack } from "./npm.mjs";
import { sizeOf, titleOf } from "./sizes.mjs";
import { forgottenPackages, packAll, publicPackages } from "./tarballs.mjs";

const packable = await canPack();

beforeAll(() => prepare(() => {}, { types: true, giveUp: () => expect.unreachable("the build failed") }), 180_000);

it("builds every package", () => {
  expect(forgottenPackages()).toEqual([]);
});

describe("a bundle", () => {
  it.each(BUDGETS.map((row) => [titleOf(row), row]))("of %s stays within its budget", async (title, row) => {
    const size = await sizeOf(row);
    const told = `${title} is ${size} bytes, the limit ${row.limit}`;
    expect(size, told).toBeLessThanOrEqual(row.limit);
    expect(size, `${told}: lower the limit`).toBeGreaterThan(row.limit / 2);
  });
});

describe.skipIf(!packable)(`a tarball${packable ? "" : " (needs pnpm from the npm registry, out of reach)"}`, () => {
  let folder;
  let tarballs;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "packages-"));
    tarballs = await packAll(folder);
  }, 180_000);

  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(publicPackages())("of @sluice/%s satisfies publint", async (name) => {
    expect(await lintTarball(tarballs[`@sluice/${name}`])).toEqual([]);
  });

  it.each(publicPackages())("of @sluice/%s has declarations that TypeScript finds", async (name) => {
    expect(await declarationProblems(tarballs[`@sluice/${name}`])).toEqual([]);
  });
});
