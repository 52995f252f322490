import type { ModelCall } from "../dialects/model-call.js";
import type { OmittedStep } from "../schemas/ledger.js";
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
  /** A model with the price that counts for it now, where there is one. */
  priced(model: Model): Model;
  /** Whether budgets have room for the most it can cost to ask a model. */
  affords(target: Target): boolean;
}

/** A decision in words: every model of the catalogue stands in it once, as a target or with the reason why it is out. */
export function explain({
  call,
  decision,
  models,
  resting,
  whyUnusable,
  priced,
  affords,
}: ExplainInput): RouteDecision {
  const wanted = decision.kind === "weighed" && rises(decision) ? decision.raised : decision.targets;
  const verifiers = (decision.kind === "judged" && decision.plan.verifier?.targets) || [];
  const tooDear = new Set([...wanted, ...verifiers].filter((target) => !affords(target)).map(({ model }) => model.id));
  const affordable = (list: readonly Target[]) => list.filter(({ model }) => !tooDear.has(model.id));
  const targets = affordable(wanted);
  const chosen = new Set(targets.map(({ model }) => model.id));
  return {
    model: call.request.model,
    targets: targets.map(({ model, provider, reason }) => ({
      model: model.id,
      provider: provider.name,
      layer: model.layer,
      reason,
      price: priced(model).price ?? null,
      health: { resting: resting.isOpen(model.id), retryAfterMs: resting.askedMs(model.id) },
    })),
    excluded: models
      .filter(({ id }) => !chosen.has(id))
      .map((model) => ({
        model: model.id,
        provider: model.provider,
        layer: model.layer,
        reason: whyUnusable(model) ?? (tooDear.has(model.id) ? "budget" : "not among those asked for"),
      })),
    cascade: cascadeOf(decision, call.request.stream === true, affordable),
    preRoute: preRouteOf(decision),
    omitted: stepsOf(decision, wanted).flatMap(([step, list]) =>
      list
        .filter(({ model }) => tooDear.has(model.id))
        .map(({ model }) => ({ step, model: model.id, reason: "budget" as const })),
    ),
  };
}

/** Who would be asked for what, if money did not matter. */
function stepsOf(
  decision: Decision,
  wanted: readonly Target[],
): readonly (readonly [OmittedStep["step"], readonly Target[]])[] {
  if (decision.kind !== "judged") return [["answer", wanted]];
  const { answer, verifier, escalation } = decision.plan;
  return [
    ["answer", answer],
    ["verifier", verifier?.targets ?? []],
    ["escalation", escalation],
  ];
}

function rises({ score }: Extract<Decision, { kind: "weighed" }>): boolean {
  return score !== null && score.score >= score.threshold;
}

function cascadeOf(
  decision: Decision,
  streams: boolean,
  affordable: (list: readonly Target[]) => readonly Target[],
): RouteDecision["cascade"] {
  if (decision.kind === "list") return null;
  const { mode } = decision.policy;
  if (decision.kind === "weighed") {
    const answer = idsOf(affordable(rises(decision) ? decision.raised : decision.targets));
    return { mode, manner: "pre-route", skipped: decision.skipped, answer, verifier: null, escalation: [] };
  }
  const { answer, verifier, escalation } = decision.plan;
  return {
    mode,
    manner: streams ? "buffered" : "judged",
    skipped: null,
    answer: idsOf(affordable(answer)),
    verifier: verifier && { models: idsOf(affordable(verifier.targets)), reworded: verifier.reworded },
    escalation: idsOf(affordable(escalation)),
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
