import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clip, shared } from "./clip.js";
import { modelText, visibleText } from "./model-text.js";

const text = (printed: string) => modelText(printed, []);

describe("modelText", () => {
  it.each([
    ["colours and moves", "\x1b[1;31mred\x1b[0m\x1b[2K\x1b[10;5Hx\x9b1mb", "redxb"],
    ["a title, a clipboard, a link", "\x1b]0;t\x07a\x1b]52;c;aGk=\x1b\\b\x1b]8;;http://x\x07c\x1b]8;;\x07", "abc"],
    ["device control strings", "\x1bP1$tx\x1b\\a\x90q#0\x9cb", "ab"],
    ["other escapes", "\x1b(Ba\x1bcb\x1b7", "ab"],
    ["a string without an end, and nothing after its line", "a\x1b]0;never\nb", "a\nb"],
    ["controls", "a\x00\x07\x0eb\x7f\x85c", "abc"],
    ["bidirectional controls", "a\u202eb\u2066c\u2069", "abc"],
    ["what hides text", "a\u200bb\ufeff\u{e0041}\u{e0042}\ufe01\u{e0101}c", "abc"],
    ["progress bars", "10%\r50%\r100%\ndone\r\n", "100%\ndone\n"],
    ["overstruck letters", "N\bNA\bAM\bME\bE _\bx", "NAME x"],
  ])("takes out %s", (_what, printed, shown) => {
    expect(text(printed)).toBe(shown);
  });

  it("leaves all other text alone", () => {
    const kept = "a\tb\n\n  ü 日本 👩‍💻 ❤\ufe0f const token = getToken()\n";
    expect(text(kept)).toBe(kept);
  });

  it("takes out secrets by value, also those that escapes cut in two, and what looks like a key", () => {
    expect(modelText("a hunter2-secret b hunter2\x1b[0m-secret", ["hunter2-secret"])).toBe("a [redacted] b [redacted]");
    expect(text("OPENAI_API_KEY=sk-abcdefgh12345678")).toBe("OPENAI_API_KEY=[redacted]");
  });

  it("leaves nothing that acts on a terminal, whatever was printed", () => {
    const pieces = fc.constantFrom(
      "\x1b",
      "\x9b",
      "\x9d",
      "]",
      "[",
      "P",
      "52;",
      "\x07",
      "\\",
      "m",
      "\r",
      "\n",
      "\b",
      "a",
      "\u202e",
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (printed) => {
        expect(text(printed.join(""))).toMatch(/^[^\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]*$/);
      }),
      { numRuns: 2_000 },
    );
  });

  it("takes time in proportion to the text, however hostile", () => {
    for (const piece of ["\x1b]", "\x1b[", "\b", "\r", "\x1bP", "a\b"]) {
      const started = performance.now();
      text(piece.repeat(250_000));
      expect(performance.now() - started).toBeLessThan(5_000); // what is quadratic takes minutes
    }
  });
});

describe("visibleText", () => {
  it("writes out what a person would not see", () => {
    expect(visibleText("ls \x1b[8m; rm\u202e\u200b\u{e0041}\n\tx")).toBe(
      "ls \\u{1b}[8m; rm\\u{202e}\\u{200b}\\u{e0041}\n\tx",
    );
  });
});

describe("clip", () => {
  it("keeps head and tail, and says what is missing", () => {
    const { text: kept, omitted } = clip(`${"h".repeat(100)}${"m".repeat(1_000)}${"t".repeat(100)}`, 160);
    expect(omitted).toEqual({ from: 60, to: 1_100 });
    expect(kept).toBe(`${"h".repeat(60)}\n[1040 characters omitted]\n${"t".repeat(100)}`);
  });

  it("cuts between lines where there are some", () => {
    const lines = Array.from({ length: 100 }, (_, n) => `line ${n}\n`).join("");
    const { text: kept, omitted } = clip(lines, 100);
    expect(kept).toMatch(/^line 0\n(?:line \d\n)+\[\d+ characters omitted\]\n(?:line \d\d\n)+$/);
    expect(lines.slice(0, omitted?.from) + lines.slice(omitted?.to)).toBe(kept.replace(/\[.*\n/, ""));
  });

  it("never cuts a character in two, and is never much longer than asked for", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 300 }), fc.integer({ min: 8, max: 100 }), (long, limit) => {
        const { text: kept } = clip(long, limit);
        expect(kept.length).toBeLessThanOrEqual(limit + 40);
        expect(kept).not.toMatch(/\p{Cs}/u); // half of one
      }),
    );
  });
});

describe("shared", () => {
  it("gives one text what the other does not need", () => {
    expect(shared(100, "a".repeat(10), "b".repeat(500))).toEqual([10, 90]);
    expect(shared(100, "a".repeat(500), "")).toEqual([100, 0]);
    expect(shared(100, "a".repeat(500), "b".repeat(500))).toEqual([50, 50]);
  });
});
