import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { eachWord } from "./words.js";

const WORD = /[a-z]+(?:'[a-z]+)?|\d+(?:[.,]\d+)*|[^\sa-z\d]/g;

function hashOf(word: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < word.length; at++) hash = Math.imul(hash ^ word.charCodeAt(at), 0x01000193);
  return hash >>> 0 || 1;
}

describe("words", () => {
  it("are those of a regular expression, hashed", () => {
    const piece = fc.oneof(
      fc.constantFrom(
        "don't",
        "o'clock's",
        "'",
        "''",
        "1,000.50",
        "3.",
        ".5",
        "1..2",
        "\u00a0",
        "\u2028",
        "\ufeff",
        "é",
        "x1y",
      ),
      fc.string({ unit: "binary", maxLength: 4 }),
      fc.stringMatching(/^[a-z0-9'., \n]{0,8}$/),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = pieces.join("").toLowerCase();
        const found: number[] = [];
        eachWord(text, (hash) => found.push(hash));
        expect(found).toEqual((text.match(WORD) ?? []).map((word) => hashOf(/^\d/.test(word) ? "0" : word)));
      }),
      { numRuns: 500 },
    );
  });
});
