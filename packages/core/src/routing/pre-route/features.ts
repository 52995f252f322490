import { eachWord } from "./words.js";

/** Size of the table that words and pairs of words are hashed into; a power of two. */
export const BUCKETS = 1 << 13;
/** Behind the buckets: measures of the whole text. */
export const FEATURES = BUCKETS + 8;

/** What lies beyond says little more, and a decision has to stay under a millisecond. */
const MOST_CHARACTERS = 8_000;

/** The logarithm of a usual question's length, so that the measure is about zero. */
const TYPICAL_LENGTH = 5.5;
/** Keeps the few measures from outweighing the words. */
const MEASURE_WEIGHT = 0.3;

/** The features of one text that are not zero. */
export interface FeatureVector {
  readonly indices: readonly number[];
  readonly values: readonly number[];
}

/** Words and pairs of words, weighted by log frequency and scaled to length one, and a few measures of the whole text. */
export function featuresOf(text: string): FeatureVector {
  const short = text.length > MOST_CHARACTERS ? text.slice(0, MOST_CHARACTERS) : text;
  const { indices, counts } = countWords(short);
  const weights = indices.map((bucket) => 1 + Math.log(counts[bucket] as number));
  const norm = Math.sqrt(weights.reduce((sum, weight) => sum + weight * weight, 0)) || 1;
  const values = weights.map((weight) => weight / norm);
  measures(text, short).forEach((value, at) => {
    if (value === 0) return;
    indices.push(BUCKETS + at);
    values.push(value);
  });
  return { indices, values };
}

/** The buckets that words fall into, each once, and how many in each. */
function countWords(text: string): { readonly indices: number[]; readonly counts: Uint16Array } {
  const indices: number[] = [];
  const counts = new Uint16Array(BUCKETS);
  const add = (bucket: number) => {
    if (counts[bucket] === 0) indices.push(bucket);
    counts[bucket] = (counts[bucket] as number) + 1;
  };
  let before = 0;
  eachWord(text.toLowerCase(), (hash) => {
    add(hash & (BUCKETS - 1));
    if (before !== 0) add(mix(before, hash) & (BUCKETS - 1));
    before = hash;
  });
  return { indices, counts };
}

function measures(whole: string, text: string): readonly number[] {
  const count = (pattern: RegExp) => Math.log1p(text.match(pattern)?.length ?? 0);
  return [
    1,
    Math.log1p(whole.length) - TYPICAL_LENGTH,
    count(/\d+/g) / 2,
    count(/\?/g),
    count(/\n/g) / 2 - 1,
    count(/[-+*/=<>^%]/g) / 2,
    count(/[{}();]/g) / 2,
    count(/\b(?:not|except|never|unless|if|then|because|therefore|prove|derive|explain why)\b/gi),
  ].map((measure) => measure * MEASURE_WEIGHT);
}

function mix(one: number, other: number): number {
  return Math.imul(Math.imul(one, 0x9e3779b1) ^ other, 0x01000193) >>> 0;
}
