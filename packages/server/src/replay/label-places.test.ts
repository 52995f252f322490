import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Box, placeLabels } from "./label-places.js";

const BOUNDS: Box = { left: 72, top: 40, right: 880, bottom: 496 };
const LINE = { from: { x: 100, y: 200 }, to: { x: 800, y: 90 } };

const dot = fc.record({
  x: fc.double({ min: 76, max: 848, noNaN: true }),
  y: fc.double({ min: 60, max: 490, noNaN: true }),
  radius: fc.constantFrom(5, 8),
  text: fc.string({ minLength: 15, maxLength: 40 }),
});

function overlap(one: Box, other: Box): boolean {
  return one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
}

describe("the labels of a plot", () => {
  it("cover neither a dot nor each other, and stay inside, however close the dots are", () => {
    const near = fc
      .tuple(dot, fc.array(fc.tuple(fc.nat(40), fc.nat(40)), { minLength: 1, maxLength: 9 }))
      .map(([first, steps]) => [
        first,
        ...steps.map(([right, down]) => ({
          ...first,
          x: Math.min(848, first.x + right),
          y: Math.min(490, first.y + down),
        })),
      ]);
    fc.assert(
      fc.property(fc.oneof(fc.array(dot, { minLength: 1, maxLength: 10 }), near), (dots) => {
        const places = placeLabels(dots, { bounds: BOUNDS, line: LINE });
        expect(places).toHaveLength(dots.length);
        const boxes = places.map(({ box }) => box);
        for (const [index, box] of boxes.entries()) {
          expect(boxes.slice(index + 1).some((each) => overlap(box, each))).toBe(false);
          for (const { x, y, radius } of dots) {
            const around = { left: x - radius, top: y - radius, right: x + radius, bottom: y + radius };
            expect(overlap(box, around)).toBe(false);
          }
          expect(box.left >= BOUNDS.left && box.right <= BOUNDS.right).toBe(true);
          expect(box.top >= BOUNDS.top && box.bottom <= BOUNDS.bottom).toBe(true);
        }
      }),
    );
  });

  it("stand right of their dots where there is room, and off the line", () => {
    const dots = [
      { x: 200, y: 400, radius: 5, text: "one (90.0 / 5.0)" },
      { x: 100, y: 200, radius: 5, text: "on the line (97.3 / 6.3)" },
      { x: 845, y: 300, radius: 5, text: "at the edge (100.0 / 100.0)" },
    ];
    const [right, off, left] = placeLabels(dots, { bounds: BOUNDS, line: LINE });
    expect(right).toMatchObject({ anchor: "start", leader: null, box: { left: 209 } });
    expect(off?.box.top).toBeGreaterThan(200);
    expect(left).toMatchObject({ anchor: "end", box: { right: 836 } });
  });
});
