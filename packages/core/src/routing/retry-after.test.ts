import { fakeClock } from "@sluice/testkit";
import { expect, it } from "vitest";
import { retryAfterMs } from "./retry-after.js";

const clock = fakeClock({ now: Date.UTC(1994, 10, 6, 8, 49, 30) });

it.each([
  ["0", 0],
  ["2", 2_000],
  [" 1.5 ", 1_500],
  ["1000000000", 1_000_000_000_000],
  ["Sun, 06 Nov 1994 08:49:37 GMT", 7_000],
  ["Sunday, 06-Nov-94 08:49:37 GMT", 7_000],
  ["Sun Nov  6 08:49:37 1994", 7_000],
  ["Sun, 06 Nov 1994 08:49:00 GMT", 0],
  ["1e9", undefined],
  ["-5", undefined],
  ["soon", undefined],
  ["", undefined],
  ["1994-11-06T08:49:37Z", undefined],
  ["Sun, 99 Nov 1994 08:49:37 GMT", undefined],
])("retry-after: %s asks for %s milliseconds", (value, expected) => {
  expect(retryAfterMs({ "retry-after": value }, clock)).toBe(expected);
});

it("goes by the finer header where there is one", () => {
  expect(retryAfterMs({ "retry-after": "2", "retry-after-ms": "250" }, clock)).toBe(250);
  expect(retryAfterMs({ "retry-after": ["3", "4"], "retry-after-ms": "soon" }, clock)).toBe(3_000);
  expect(retryAfterMs({}, clock)).toBeUndefined();
});
