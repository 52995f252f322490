/** A dot of a plot, and what is to stand beside it. */
export interface Labelled {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly text: string;
}

/** A rectangle. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** A straight line. */
export interface Segment {
  readonly from: Place;
  readonly to: Place;
}

interface Place {
  readonly x: number;
  readonly y: number;
}

/** Where a label stands. */
export interface PlacedLabel {
  readonly box: Box;
  /** The end of the label that is nearest to its dot: it stays there whatever the font. */
  readonly anchor: "start" | "middle" | "end";
  /** From the dot to a label that does not stand beside it; null where none is needed. */
  readonly leader: Segment | null;
}

/** What labels have to keep clear of besides dots and each other. */
export interface PlotArea {
  readonly bounds: Box;
  readonly line: Segment;
}

/** Of a letter at the size of labels, a little more than most fonts have. */
const LETTER_WIDTH = 7.1;
const LINE_HEIGHT = 16;
const GAP = 4;
/** Labels nearer than this need no line to their dot. */
const BESIDE = LINE_HEIGHT;
const FARTHEST = 25;
const SAMPLES = 24;

/**
 * Finds a place for each label, the first one first: beside its dot where there is room, else above or below, farther and
 * farther away. Labels never cover a dot or each other; that nothing crosses a line is wished for, where it can be had.
 */
export function placeLabels(dots: readonly Labelled[], { bounds, line }: PlotArea): readonly PlacedLabel[] {
  const taken: PlacedLabel[] = [];
  for (const dot of dots) {
    const places = placesAround(dot);
    const free = places.filter(({ box }) => isInside(box, bounds) && !covers(box, dots, taken));
    const others = dots.filter((each) => each !== dot).map(boxOf);
    const wishes = [
      ({ box }: PlacedLabel) => !touches(box, line),
      ({ box }: PlacedLabel) => !taken.some(({ leader }) => leader && touches(box, leader)),
      ({ leader }: PlacedLabel) =>
        !leader || ![...others, ...taken.map(({ box }) => box)].some((box) => touches(box, leader)),
    ];
    const wanted = [wishes, wishes.slice(0, 2), wishes.slice(0, 1), []]
      .map((each) => free.find((place) => each.every((holds) => holds(place))))
      .find((place) => place !== undefined);
    const place = wanted ?? places[0];
    if (place) taken.push(place);
  }
  return taken;
}

function placesAround({ x, y, radius, text }: Labelled): readonly PlacedLabel[] {
  const width = text.length * LETTER_WIDTH;
  const places: PlacedLabel[] = [];
  for (let step = 0; step <= FARTHEST; step++) {
    for (const rise of step === 0 ? [0] : [-step * LINE_HEIGHT, step * LINE_HEIGHT]) {
      const middle = y + rise;
      const sides = [
        ["start", x + radius + GAP],
        ["end", x - radius - GAP - width],
        ["middle", x - width / 2],
      ] as const;
      for (const [anchor, left] of rise === 0 ? sides.slice(0, 2) : sides) {
        const box = { left, top: middle - LINE_HEIGHT / 2, right: left + width, bottom: middle + LINE_HEIGHT / 2 };
        places.push({ box, anchor, leader: Math.abs(rise) <= BESIDE ? null : leaderTo(box, { x, y }) });
      }
    }
  }
  return places;
}

/** To the nearest edge of the label. */
function leaderTo({ left, right, top, bottom }: Box, from: Place): Segment {
  const x = Math.min(Math.max(from.x, left), right);
  return { from, to: { x, y: top > from.y ? top : bottom } };
}

function isInside(box: Box, bounds: Box): boolean {
  return box.left >= bounds.left && box.right <= bounds.right && box.top >= bounds.top && box.bottom <= bounds.bottom;
}

function covers(box: Box, dots: readonly Labelled[], taken: readonly PlacedLabel[]): boolean {
  return [...dots.map(boxOf), ...taken.map((placed) => placed.box)].some((each) => overlap(box, each));
}

function boxOf({ x, y, radius }: Labelled): Box {
  return { left: x - radius, top: y - radius, right: x + radius, bottom: y + radius };
}

function overlap(one: Box, other: Box): boolean {
  return one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
}

function touches(box: Box, { from, to }: Segment): boolean {
  return Array.from({ length: SAMPLES + 1 }, (_none, step) => step / SAMPLES).some((share) => {
    const x = from.x + share * (to.x - from.x);
    const y = from.y + share * (to.y - from.y);
    return x > box.left && x < box.right && y > box.top && y < box.bottom;
  });
}
