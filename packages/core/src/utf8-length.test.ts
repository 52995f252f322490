import fc from "fast-check";
import { expect, it } from "vitest";
import { utf8Length } from "./utf8-length.js";

it("is what the text has as bytes, asked once or twice", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "binary" })), (texts) => {
      for (const text of texts.flatMap((each) => [each, each, `${each}é`]))
        expect(utf8Length(text)).toBe(Buffer.from(text).length);
    }),
  );
  const long = "ü".repeat(100_000);
  expect([utf8Length(long), utf8Length(long), utf8Length("a")]).toEqual([200_000, 200_000, 1]);
});
