import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Lines, readLine } from "./line.js";

const kind = fc.constantFrom("S" as const, "E" as const);

function textOf(lines: Lines): string {
  return Buffer.from(lines.take()).toString();
}

describe("lines of the journal", () => {
  it("are read as they were written, whatever they hold", () => {
    const lines = new Lines();
    fc.assert(
      fc.property(fc.array(fc.tuple(kind, fc.array(fc.jsonValue()))), (added) => {
        for (const [each, list] of added) lines.add(each, JSON.stringify(list).slice(1, -1));
        const read = textOf(lines).split("\n");
        expect(read.pop()).toBe("");
        expect(read.map(readLine)).toEqual(added.map(([each, list]) => ({ kind: each, list: plain(list) })));
      }),
    );
  });

  it("are as many, and as long, as they come", () => {
    const lines = new Lines();
    const long = "🚰".repeat(40_000);
    for (let count = 0; count < 100; count++) lines.add("E", JSON.stringify(long));
    const read = textOf(lines).split("\n").slice(0, -1);
    expect(read).toHaveLength(100);
    expect(new Set(read)).toEqual(new Set([read[0]]));
    expect(readLine(read[0] ?? "")?.list).toEqual([long]);
    lines.add("S", "1");
    expect(readLine(textOf(lines).trimEnd())).toEqual({ kind: "S", list: [1] });
  });

  it("are none where a letter is missing or another", () => {
    const lines = new Lines();
    lines.add("E", '"one",2');
    const line = textOf(lines).trimEnd();
    for (let at = 0; at < line.length; at++) {
      expect(readLine(line.slice(0, at) + line.slice(at + 1))).toBeNull();
      expect(readLine(`${line.slice(0, at)}#${line.slice(at + 1)}`)).toBeNull();
    }
  });
});

/** -0 comes out of JSON as 0. */
function plain(list: readonly unknown[]): unknown {
  return JSON.parse(JSON.stringify(list));
}
