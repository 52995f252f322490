import type { ModelCall } from "../dialects/model-call.js";
import type { Model } from "../schemas/model.js";
import type { RouteDecision } from "../schemas/route-decision.js";
import type { Decision } from "./decision.js";
import type { RestingModels } from "./rest.js";
import type { Target } from "./target.js";

/** What an explanation is made from. */
export interface ExplainInput {
  readonly call: ModelCall;
  readonly decision: Decision;
  readonly models: readonly Model[];
  readonly resting: RestingModels;
  /** Why a model could not serve the call at all; null where it could. */
  whyUnusable(model: Model): string | null;
}

/** A decision in words: every model of the catalogue stands in it once, as a target or with the reason why it is out. */
export function explain({ call, decision, models, resting, whyUnusable }: ExplainInput): RouteDecision {
  const targets = decision.kind === "weighed" && rises(decision) ? decision.raised : decision.targets;
  const chosen = new Set(targets.map(({ model }) => model.id));
  return {
    model: call.request.model,
    targets: targets.map(({ model, provider, reason }) => ({
      model: model.id,
      provider: provider.name,
      layer: model.layer,
      reason,
      price: model.price ?? null,
      health: { resting: resting.isOpen(model.id), retryAfterMs: resting.askedMs(model.id) },
    })),
    excluded: models
      .filter(({ id }) => !chosen.has(id))
      .map((model) => ({
        model: model.id,
        provider: model.provider,
        layer: model.layer,
        reason: whyUnusable(model) ?? "not among those asked for",
      })),
    cascade: cascadeOf(decision, call.request.stream === true),
    preRoute: preRouteOf(decision),
  };
}

function rises({ score }: Extract<Decision, { kind: "weighed" }>): boolean {
  return score !== null && score.score >= score.threshold;
}

function cascadeOf(decision: Decision, streams: boolean): RouteDecision["cascade"] {
  if (decision.kind === "list") return null;
  const { mode } = decision.policy;
  if (decision.kind === "weighed") {
    const answer = idsOf(rises(decision) ? decision.raised : decision.targets);
    return { mode, manner: "pre-route", skipped: decision.skipped, answer, verifier: null, escalation: [] };
  }
  const { answer, verifier, escalation } = decision.plan;
  return {
    mode,
    manner: streams ? "buffered" : "judged",
    skipped: null,
    answer: idsOf(answer),
    verifier: verifier && { models: idsOf(verifier.targets), reworded: verifier.reworded },
    escalation: idsOf(escalation),
  };
}

function preRouteOf(decision: Decision): RouteDecision["preRoute"] {
  if (decision.kind !== "weighed" || decision.score === null) return null;
  const { score, threshold, by } = decision.score;
  return { score, threshold: Number.isFinite(threshold) ? threshold : null, by }; // JSON has no infinity
}

function idsOf(targets: readonly Target[]): string[] {
  return targets.map(({ model }) => model.id);
}
