import type { TracedAnswer } from "../spec/tracing.js";
import type { Served } from "./run.js";

/** What a request's span tells of its answer. */
export function tracedAnswer({ target, attempts, cascade, manner }: Served, costUsd: number | null): TracedAnswer {
  return {
    model: target.model.id,
    provider: target.provider.name,
    layer: target.model.layer,
    reason: target.reason,
    attempts,
    costUsd,
    manner,
    escalated: cascade?.escalated,
    limit: cascade?.limit,
    verdicts: cascade?.verdicts ?? [],
  };
}
