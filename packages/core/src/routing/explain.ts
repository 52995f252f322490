import type { ModelCall } from "../dialects/model-call.js";
import type { Model } from "../schemas/model.js";
import type { RouteDecision } from "../schemas/route-decision.js";
import { dollars } from "../usage/money.js";
import type { Decision } from "./decision.js";
import { type Affordable, affordable, type Purse } from "./explain-budget.js";
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
  readonly purse: Purse;
}

/** A decision in words: every model of the catalogue stands in it once, as a target or with the reason why it is out. */
export function explain({ call, decision, models, resting, whyUnusable, priced, purse }: ExplainInput): RouteDecision {
  const steps = stepsOf(decision);
  const money = affordable(steps, purse);
  const chosen = new Set(money.answer.map(({ model }) => model.id));
  const wanted = new Set([...steps.answer, ...(steps.verifier?.targets ?? [])].map(({ model }) => model.id));
  return {
    model: call.request.model,
    targets: money.answer.map((target) => targetView(target)),
    excluded: models
      .filter(({ id }) => !chosen.has(id))
      .map((model) => ({
        model: model.id,
        provider: model.provider,
        layer: model.layer,
        reason: whyUnusable(model) ?? whyNotWanted(model),
      })),
    cascade: cascadeOf(decision, call.request.stream === true, money),
    preRoute: preRouteOf(decision),
    omitted: [...money.omitted],
    uncertain: [...money.uncertain],
  };

  function targetView(target: Target): RouteDecision["targets"][number] {
    const { model, provider, reason } = target;
    const most = purse.worstCase(target);
    return {
      model: model.id,
      provider: provider.name,
      layer: model.layer,
      reason,
      price: priced(model).price ?? null,
      mostUsd: most === null ? null : dollars(most),
      health: { resting: resting.isOpen(model.id), retryAfterMs: resting.askedMs(model.id) },
    };
  }

  function whyNotWanted({ id }: Model): string {
    if (!wanted.has(id)) return "not among those asked for";
    return money.verifier.some(({ model }) => model.id === id) ? "only to check the answer" : "budget";
  }
}

/** Who would be asked for what, if money did not matter. */
function stepsOf(decision: Decision): Parameters<typeof affordable>[0] {
  if (decision.kind === "judged") return decision.plan;
  const answer = decision.kind === "weighed" && rises(decision) ? decision.raised : decision.targets;
  return { answer, verifier: null, escalation: [] };
}

function rises({ score }: Extract<Decision, { kind: "weighed" }>): boolean {
  return score !== null && score.score >= score.threshold;
}

function cascadeOf(decision: Decision, streams: boolean, money: Affordable): RouteDecision["cascade"] {
  if (decision.kind === "list") return null;
  const { mode } = decision.policy;
  const answer = idsOf(money.answer);
  if (decision.kind === "weighed") {
    return { mode, manner: "pre-route", skipped: decision.skipped, answer, verifier: null, escalation: [] };
  }
  const { verifier } = decision.plan;
  return {
    mode,
    manner: streams ? "buffered" : "judged",
    skipped: null,
    answer,
    verifier: verifier && { models: idsOf(money.verifier), reworded: verifier.reworded },
    escalation: idsOf(money.escalation),
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
