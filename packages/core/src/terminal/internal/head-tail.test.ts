import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HeadTail } from "./head-tail.js";

describe("head and tail", () => {
  it("keep everything that fits", () => {
    const kept = new HeadTail(10);
    kept.push(Buffer.from("12345"));
    kept.push(Buffer.from("67890"));
    expect([kept.text(), kept.truncated, kept.total]).toEqual(["1234567890", false, 10]);
  });

  it("say how much is missing between them", () => {
    const kept = new HeadTail(4);
    for (const letter of "abcdefgh") kept.push(Buffer.from(letter));
    expect([kept.text(), kept.bytes().toString(), kept.total]).toEqual(["ab\n[4 bytes omitted]\ngh", "abgh", 8]);
  });

  it("cut no character in two", () => {
    const kept = new HeadTail(8);
    kept.push(Buffer.from("€€€€"));
    expect(kept.text()).toBe("€\n[6 bytes omitted]\n€");
  });

  it("keep nothing when nothing is wanted", () => {
    const kept = new HeadTail(0);
    kept.push(Buffer.from("abc"));
    expect([kept.bytes().length, kept.total, kept.truncated]).toEqual([0, 3, true]);
  });

  it("are the first and the last bytes, whatever pieces they come in", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 20 })), fc.integer({ min: 0, max: 60 }), (pieces, limit) => {
        const kept = new HeadTail(limit);
        for (const piece of pieces) kept.push(piece);
        const all = Buffer.concat(pieces);
        const half = Math.ceil(limit / 2);
        const rest = limit - half;
        const expected =
          all.length <= limit
            ? all
            : Buffer.concat([all.subarray(0, half), rest > 0 ? all.subarray(-rest) : Buffer.of()]);
        expect(kept.bytes()).toEqual(expected);
      }),
    );
  });
});
