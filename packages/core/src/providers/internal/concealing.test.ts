import { describe, expect, it } from "vitest";
import { concealing } from "./concealing.js";

const conceal = concealing(["first-secret", "second-secret", "short"]);

describe("a text without secrets", () => {
  it.each([
    ["nothing in it", "nothing in it"],
    ["the first-secret and first-secret", "the [redacted] and [redacted]"],
    ['{"a":"second-secret","b":"first-secret"}', '{"a":"[redacted]","b":"[redacted]"}'],
    ["cut off in the second-secre…", "cut off in the [redacted]"],
    ["cut off in the second-s", "cut off in the [redacted]"],
    ["too little of it: second-", "too little of it: second-"],
    ["a short one is an ordinary word", "a short one is an ordinary word"],
    ["", ""],
  ])("%j is %j", (text, shown) => expect(conceal(text)).toBe(shown));
});
