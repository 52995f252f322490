import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { undocumentedIn } from "./undocumented.mjs";

let folder;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "undocumented-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

function namesMissing(files) {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return undocumentedIn([join(folder, "index.ts")], {}).map((line) => /: (\S+) is public/.exec(line)?.[1]);
}

it("finds every kind of public name without a comment", () => {
  const index = 'export { a } from "./a.js"; export * as all from "./a.js"; export interface B {} export type C = 1;';
  expect(namesMissing({ "index.ts": index, "a.ts": "export function a() {}" })).toEqual(["a", "all", "B", "C"]);
});

it("takes a comment where the name is defined or where it is handed on", () => {
  const index = '/** All. */\nexport * as all from "./a.js"; export { a } from "./a.js";\n/** B. */\nexport class B {}';
  expect(namesMissing({ "index.ts": index, "a.ts": "/** A. */ export const a = 1; export const hidden = 2;" })).toEqual(
    [],
  );
});

it("does not take an empty entry for a documented one", () => {
  expect(namesMissing({ "index.ts": "" })).toEqual([undefined]);
});
