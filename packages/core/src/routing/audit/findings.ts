import { z } from "zod";
import { Compared, type RouteAudit } from "../../schemas/route-audit.js";

export const FindingsState = z.object({ accepted: Compared, escalated: Compared });

/** What was found, as it is kept. */
export type FindingsState = z.infer<typeof FindingsState>;

/** Whether the cheap answer that was compared had been accepted, or rejected. */
export type Fate = keyof FindingsState;

/** The normal deviate of a 95 % interval. */
const Z = 1.96;

/** Counts how often the strong model's answer was another one than the cheap model's. */
export class Findings {
  #state: FindingsState = { accepted: { same: 0, different: 0 }, escalated: { same: 0, different: 0 } };

  /** Books one comparison. */
  compared(fate: Fate, differed: boolean): void {
    this.#state[fate][differed ? "different" : "same"]++;
  }

  /** How many comparisons there were. */
  get count(): number {
    return comparisons(this.#state);
  }

  /** What was found, with how sure that is. */
  view(auditShare: number): RouteAudit {
    const { accepted, escalated } = this.#state;
    return { auditShare, accepted: withInterval(accepted), escalated: withInterval(escalated) };
  }

  /** What was found, to be kept. */
  state(): FindingsState {
    return structuredClone(this.#state);
  }

  /** Goes on from what was kept. */
  restore(state: FindingsState): void {
    this.#state = structuredClone(state);
  }
}

/** How many comparisons are in what was kept. */
export function comparisons({ accepted, escalated }: FindingsState): number {
  return accepted.same + accepted.different + escalated.same + escalated.different;
}

/** Wilson's score interval, which holds for small numbers and for shares near 0 and 1. */
function withInterval({ same, different }: Compared): RouteAudit["accepted"] {
  const total = same + different;
  if (total === 0) return { same, different, differing: null, low: null, high: null };
  const share = different / total;
  const spread = Z * Math.sqrt((share * (1 - share)) / total + (Z * Z) / (4 * total * total));
  const [middle, scale] = [share + (Z * Z) / (2 * total), 1 + (Z * Z) / total];
  const bounded = (value: number) => Math.round(Math.min(1, Math.max(0, value)) * 10_000) / 10_000;
  return {
    same,
    different,
    differing: bounded(share),
    low: bounded((middle - spread) / scale),
    high: bounded((middle + spread) / scale),
  };
}
