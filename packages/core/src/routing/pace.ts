/** So many answers of each model count. */
const REMEMBERED = 32;
/** Fewer say nothing. */
const LEAST = 5;

interface Recent {
  readonly durationsMs: Float64Array;
  made: number;
}

/** How long models lately took to answer. */
export class Pace {
  readonly #models = new Map<string, Recent>();

  /** Books how long an answer took. */
  answered(modelId: string, durationMs: number): void {
    let recent = this.#models.get(modelId);
    if (!recent) {
      recent = { durationsMs: new Float64Array(REMEMBERED), made: 0 };
      this.#models.set(modelId, recent);
    }
    recent.durationsMs[recent.made++ % REMEMBERED] = durationMs;
  }

  /** Half of the answers took no longer; null where too few are known. */
  medianMs(modelId: string): number | null {
    const recent = this.#models.get(modelId);
    if (!recent || recent.made < LEAST) return null;
    const sorted = recent.durationsMs.slice(0, Math.min(recent.made, REMEMBERED)).sort();
    return sorted[Math.floor(sorted.length / 2)] ?? null;
  }
}
