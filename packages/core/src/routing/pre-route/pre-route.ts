import { difficulty } from "./difficulty.js";
import { LearnedScore, type LearnedState } from "./learned-score.js";

/** Below this many outcomes, what was learned is noise. */
export const LEAST_OUTCOMES = 500;
/** A threshold is a quantile of this many prompts before. */
const REMEMBERED = 1_000;
/** Fewer than this tell nothing of the traffic. */
const LEAST_REMEMBERED = 50;
/** So few scores move a quantile of a thousand but little, and sorting those takes as long as a decision. */
const QUANTILE_EVERY = 10;
/** Until then: what counts as hard. */
const HARD = 0.6;

/** How one prompt was scored. */
export interface PreRouteScore {
  readonly score: number;
  /** From here up a prompt goes to the strong layer at once. */
  readonly threshold: number;
  /** Who scored: the rule, or what was learned from this deployment's outcomes. */
  readonly by: "rule" | "learned";
}

/**
 * Decides before any call whether a prompt is worth the strong layer. Thresholds are quantiles of recent traffic, so that
 * the wanted share of prompts goes there whatever the traffic is.
 */
export class PreRoute {
  /** The share of prompts that go to the strong layer, 0 to 1. */
  strongShare: number;
  readonly #learned = new LearnedScore();
  #recent: number[] = [];
  #next = 0;
  /** Scores booked so far. */
  #booked = 0;
  #quantile: { readonly share: number; readonly threshold: number; readonly goodUntil: number } | null = null;

  /** @param strongShare - the share of prompts that go to the strong layer, 0 to 1 */
  constructor(strongShare: number) {
    this.strongShare = strongShare;
  }

  /** Scores one prompt; the same prompt among the same traffic gets the same score. */
  look(prompt: string): PreRouteScore {
    const by = this.#learned.outcomes >= LEAST_OUTCOMES ? "learned" : "rule";
    const score = by === "learned" ? this.#learned.score(prompt) : difficulty(prompt);
    return { score, threshold: this.#threshold(), by };
  }

  /** Books a prompt's score as traffic, which later thresholds are quantiles of. */
  book({ score }: PreRouteScore): void {
    this.#booked++;
    this.#recent[this.#next] = score;
    this.#next = (this.#next + 1) % REMEMBERED;
  }

  /** Learns from an outcome: whether the strong model's answer was another one than the cheap model's. */
  learn(prompt: string, differed: boolean): void {
    this.#learned.learn(prompt, differed ? 1 : 0);
    // Scores of the rule and learned ones are no measure of each other.
    if (this.#learned.outcomes === LEAST_OUTCOMES) this.#forget();
  }

  /** How many outcomes it has learned from. */
  get outcomes(): number {
    return this.#learned.outcomes;
  }

  /** What has been learned, to be kept. */
  state(): LearnedState {
    return this.#learned.state();
  }

  /** Goes on from what was kept. */
  restore(state: LearnedState): void {
    this.#learned.restore(state);
    this.#forget();
  }

  #forget(): void {
    this.#recent = [];
    this.#next = 0;
    this.#quantile = null;
  }

  #threshold(): number {
    if (this.strongShare === 0) return Number.POSITIVE_INFINITY;
    if (this.#recent.length < LEAST_REMEMBERED)
      return this.#learned.outcomes >= LEAST_OUTCOMES ? Number.POSITIVE_INFINITY : HARD;
    const known = this.#quantile;
    if (known && known.share === this.strongShare && this.#booked < known.goodUntil) return known.threshold;
    const sorted = Float64Array.from(this.#recent).sort();
    const at = Math.min(sorted.length - 1, Math.ceil(sorted.length * (1 - this.strongShare)));
    const threshold = sorted[at] as number;
    this.#quantile = { share: this.strongShare, threshold, goodUntil: this.#booked + QUANTILE_EVERY };
    return threshold;
  }
}
