/** Longer messages are not searched to their end. */
const MAX_SEARCHED = 4_000;
const MAX_NAME = 100;
const NUMBER = /(?<![\w.-])-?\d{1,15}(?:\.\d{1,9})?(?![\w]|\.\d)/g;
const QUOTED = /"([^"\n]{1,200})"|“([^”\n]{1,200})”|(?<!\w)'([^'\n]{1,200})'(?!\w)/g;
/** A name after a preposition: "in Berlin", "from New York". */
const PLACE = /\b(?:in|at|for|to|from|of|near|about|with)\s+(\p{Lu}[\p{L}'-]{0,40}(?:\s\p{Lu}[\p{L}'-]{0,40}){0,4})/gu;

/** Values for a tool's arguments, found in what the user wrote. Each unnamed value is given out once. */
export class Hints {
  readonly #text: string;
  /** The message's words between single spaces, lower case. */
  readonly #words: string;
  readonly #numbers: number[];
  readonly #texts: string[];

  constructor(message: string) {
    this.#text = message.slice(0, MAX_SEARCHED);
    this.#words = ` ${this.#text.toLowerCase().replace(/[^\p{L}\p{N}_.-]+/gu, " ")} `;
    this.#numbers = [...this.#text.matchAll(NUMBER)].map(([match]) => Number(match));
    const quoted = [...this.#text.matchAll(QUOTED)].map((match) => match[1] ?? match[2] ?? match[3] ?? "");
    const places = [...this.#text.matchAll(PLACE)].map((match) => match[1] ?? "");
    this.#texts = [...quoted, ...places];
  }

  /** The value the message gives a name: `unit=celsius`, `unit: celsius`, `the unit is "celsius"`. */
  named(name: string): string | null {
    const words = name.split(/[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])/).filter((word) => word !== "");
    if (words.length === 0 || name.length > MAX_NAME) return null;
    const value = `(?:"([^"\\n]{1,200})"|'([^'\\n]{1,200})'|([^\\s"',;]{1,200}))`;
    const found = new RegExp(`\\b${words.join("[\\s_-]?")}["']?\\s?(?:=|:|\\bis\\b)\\s?${value}`, "i").exec(this.#text);
    const bare = found?.[3]?.replace(/[.!?]+$/, "");
    return found?.[1] ?? found?.[2] ?? bare ?? null;
  }

  /** The next number that `fits` and is not given out yet. */
  number(fits: (value: number) => boolean): number | null {
    return taken(this.#numbers, fits);
  }

  /** The next quoted text or name that `fits` and is not given out yet. */
  text(fits: (value: string) => boolean): string | null {
    return taken(this.#texts, fits);
  }

  /** The first of the values that the message mentions as a word. */
  oneOf(values: readonly unknown[]): unknown {
    return values.find(
      (value) => typeof value === "string" && value !== "" && this.#words.includes(` ${value.toLowerCase()} `),
    );
  }
}

function taken<Value>(values: Value[], fits: (value: Value) => boolean): Value | null {
  const index = values.findIndex(fits);
  return index < 0 ? null : (values.splice(index, 1)[0] ?? null);
}
