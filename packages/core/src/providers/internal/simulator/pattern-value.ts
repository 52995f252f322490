/** Longest text and most repetitions a pattern is followed to. */
const MAX_LENGTH = 1_000;
const MAX_REPEAT = 200;
const MAX_PATTERN = 500;

/**
 * A text that matches a pattern, made by reading the pattern itself: literals, classes, groups, alternatives and
 * quantifiers. Null where the pattern needs more than that.
 */
export function patternValue(pattern: string, fits: (value: string) => boolean): string | null {
  if (pattern.length > MAX_PATTERN) return null;
  for (const extra of [0, 1, 2, 4, 8, 16]) {
    try {
      const value = new PatternReader(pattern, extra).read();
      if (fits(value)) return value;
    } catch (cause) {
      if (!(cause instanceof UnreadablePattern)) throw cause;
      return null;
    }
  }
  return null;
}

class UnreadablePattern extends Error {}

const CLASSES: Readonly<Record<string, string>> = { d: "0", w: "a", s: " ", D: "a", W: "-", S: "a", n: "\n", t: "\t" };

/** Recursive descent; the first alternative and the fewest repetitions, `extra` more where they may grow. */
class PatternReader {
  readonly #pattern: string;
  readonly #extra: number;
  #at = 0;

  constructor(pattern: string, extra: number) {
    this.#pattern = pattern;
    this.#extra = extra;
  }

  read(): string {
    const text = this.#alternatives();
    if (this.#at < this.#pattern.length) throw new UnreadablePattern();
    return text;
  }

  #alternatives(): string {
    let first: string | null = null;
    do {
      const text = this.#sequence();
      first ??= text;
    } while (this.#skip("|"));
    return first;
  }

  #sequence(): string {
    let text = "";
    while (this.#at < this.#pattern.length && !"|)".includes(this.#peek())) {
      const atom = this.#atom();
      text += atom.repeat(this.#times());
      if (text.length > MAX_LENGTH) throw new UnreadablePattern();
    }
    return text;
  }

  #atom(): string {
    const char = this.#next();
    if (char === "^" || char === "$") return "";
    if (char === ".") return "a";
    if (char === "[") return this.#class();
    if (char === "\\") return this.#escape();
    if (char !== "(") return char;
    if (this.#skip("?")) {
      const named = /^<[A-Za-z]\w*>/.exec(this.#pattern.slice(this.#at))?.[0];
      if (named) this.#at += named.length;
      else if (!this.#skip(":")) throw new UnreadablePattern(); // looks ahead or behind
    }
    const text = this.#alternatives();
    if (!this.#skip(")")) throw new UnreadablePattern();
    return text;
  }

  #escape(): string {
    const char = this.#next();
    if (char === "b") return "";
    if (/[1-9pPuxckB]/.test(char)) throw new UnreadablePattern();
    return CLASSES[char] ?? char;
  }

  #class(): string {
    const inverted = this.#skip("^");
    const end = /^(?:\\.|[^\]\\])*/.exec(this.#pattern.slice(this.#at))?.[0] ?? "";
    this.#at += end.length;
    if (!this.#skip("]")) throw new UnreadablePattern();
    const source = characterClass(`[${inverted ? "^" : ""}${end}]`);
    for (const candidate of "a0A-_ .@/é中\n") if (source.test(candidate)) return candidate;
    for (let code = 0x20; code < 0x250; code++) {
      const candidate = String.fromCodePoint(code);
      if (source.test(candidate)) return candidate;
    }
    throw new UnreadablePattern();
  }

  #times(): number {
    const found = /^(?:\*|\+|\?|\{(\d+)(,?)(\d*)\})\??/.exec(this.#pattern.slice(this.#at));
    if (!found) return 1;
    this.#at += found[0].length;
    const [text, least, comma, most] = found;
    if (least === undefined) return text.startsWith("+") ? 1 + this.#extra : text.startsWith("*") ? this.#extra : 0;
    const count = Math.min(Number(least) + (comma ? this.#extra : 0), most ? Number(most) : MAX_REPEAT);
    return Math.min(count, MAX_REPEAT);
  }

  #peek(): string {
    return this.#pattern.charAt(this.#at);
  }

  #next(): string {
    return this.#pattern.charAt(this.#at++);
  }

  #skip(char: string): boolean {
    if (this.#peek() !== char) return false;
    this.#at++;
    return true;
  }
}

function characterClass(source: string): RegExp {
  try {
    return new RegExp(source, "u");
  } catch {
    throw new UnreadablePattern(); // `[z-a]`, say
  }
}
