import { describe, expect, it } from "vitest";
import { Pace } from "./pace.js";

describe("a model's pace", () => {
  it("is the median of its last answers, once there are some", () => {
    const pace = new Pace();
    for (const each of [100, 900, 200, 800]) pace.answered("m", each);
    expect(pace.medianMs("m")).toBeNull();
    pace.answered("m", 300);
    expect(pace.medianMs("m")).toBe(300);
    for (let count = 0; count < 32; count++) pace.answered("m", 5);
    expect(pace.medianMs("m")).toBe(5);
    expect(pace.medianMs("other")).toBeNull();
  });
});
