/** The numbers a directive may carry, each with its smallest and largest value. */
const NUMBERS = {
  latency: [0, 600_000],
  interval: [0, 60_000],
  tokens: [1, 20_000],
  status: [400, 599],
  "retry-after": [0, 86_400],
  "fail-after": [0, 100_000],
  "hang-after": [0, 100_000],
  "error-frame-after": [0, 100_000],
} as const;

const FLAGS = ["hang", "refuse"] as const;

type NumberName = keyof typeof NUMBERS;
type FlagName = (typeof FLAGS)[number];

/** What a message asks the simulator to act out. */
export type Directives = { readonly [Name in NumberName]?: number } & { readonly [Name in FlagName]?: true };

/** A message without its directives, or why they are refused. */
export type ParsedDirectives =
  | { readonly directives: Directives; readonly text: string }
  | { readonly problem: string };

/** Bounded throughout: a message may be long and hostile. */
const BLOCK = /\[\[\s{0,8}simulate\s{0,8}:([^\]]{0,400})\]\]/gi;

/** Takes every `[[simulate: …]]` out of a message; a later one overrides an earlier. */
export function parseDirectives(message: string): ParsedDirectives {
  const found: { -readonly [Name in keyof Directives]: Directives[Name] } = {};
  for (const [, words = ""] of message.matchAll(BLOCK)) {
    for (const word of words.trim().split(/[\s,]+/)) {
      if (word === "") continue;
      const [name = "", value] = word.toLowerCase().split("=", 2);
      const problem = isFlag(name) ? readFlag(name, value, found) : readNumber(name, value, found);
      if (problem) return { problem };
    }
  }
  return { directives: found, text: message.replace(BLOCK, " ").replace(/\s+/g, " ").trim() };
}

function readFlag(name: FlagName, value: string | undefined, found: { [Name in FlagName]?: true }): string | null {
  if (value !== undefined) return `Simulator directive "${name}" takes no value`;
  found[name] = true;
  return null;
}

function readNumber(name: string, value: string | undefined, found: { [Name in NumberName]?: number }): string | null {
  if (!isNumber(name)) {
    const known = [...Object.keys(NUMBERS), ...FLAGS].join(", ");
    return `Unknown simulator directive "${name.slice(0, 40)}"; known are ${known}`;
  }
  const [least, most] = NUMBERS[name];
  const number = value !== undefined && /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
  if (!(number >= least && number <= most))
    return `Simulator directive "${name}" must be a whole number from ${least} to ${most}`;
  found[name] = number;
  return null;
}

function isFlag(name: string): name is FlagName {
  return FLAGS.some((flag) => flag === name);
}

function isNumber(name: string): name is NumberName {
  return Object.hasOwn(NUMBERS, name);
}
