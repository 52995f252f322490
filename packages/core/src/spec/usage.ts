/** Tokens of one upstream call in disjoint buckets: no token stands in two of them, except that `reasoning` is part of `output`. */
export interface Usage {
  /** Input tokens neither read from nor written to a cache. */
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite5m: number;
  readonly cacheWrite1h: number;
  /** Output tokens, reasoning included. */
  readonly output: number;
  /** The part of `output` spent on reasoning. */
  readonly reasoning: number;
  /** What the upstream says it charged, in US dollars, where it says so. */
  readonly costUsd?: number | undefined;
}

/** What a call has used that no upstream answered. */
export const NO_USAGE: Usage = { input: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 0, reasoning: 0 };
