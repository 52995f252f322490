import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isBase64 } from "./base64.js";

describe("isBase64", () => {
  it("takes every text that encodes bytes, with its padding and without", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const text = Buffer.from(bytes).toString("base64");
        expect([isBase64(text), isBase64(text.replace(/=+$/, ""))]).toEqual([true, true]);
      }),
    );
  });

  it.each(["A", "AB=", "ABC==", "ABCD=", "ABCD==", "A===", "=", "AB=C", "AB CD", "AB-_", "AB\nCD", "é"])(
    "refuses %j",
    (text) => {
      expect(isBase64(text)).toBe(false);
    },
  );

  it("looks at many megabytes", () => {
    const text = "AbC/".repeat(8 * 1024 * 1024);
    expect([isBase64(text), isBase64(`${text}?`)]).toEqual([true, false]);
  });
});
