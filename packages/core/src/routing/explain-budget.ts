import type { OmittedStep } from "../schemas/ledger.js";
import type { CascadePlan } from "./cascade/cascade-plan.js";
import type { Target } from "./target.js";

/** What a request may spend, on its own account and on its budgets. Nothing is put aside. */
export interface Purse {
  /** Whether anything limits what the request may cost. */
  readonly isLimited: boolean;
  /** The most it can cost to ask a model, in picodollars; null where nobody can say. */
  worstCase(target: Target): number | null;
  /** Whether there is room for so much at once. */
  hasRoom(amount: number): boolean;
}

/** What budgets leave of a decision. */
export interface Affordable {
  /** Models that fit by themselves, in order. */
  readonly answer: readonly Target[];
  /** Those that fit beside the answer, as both run at the same time. */
  readonly verifier: readonly Target[];
  readonly escalation: readonly Target[];
  /** What there is surely no room for. */
  readonly omitted: readonly OmittedStep[];
  /** What there is room for only if the calls before it cost less than they may. */
  readonly uncertain: readonly OmittedStep[];
}

/** Looks at a cascade's steps in their order, each with what those before it may have used up. */
export function affordable(
  { answer, verifier, escalation }: Pick<CascadePlan, "answer" | "verifier" | "escalation">,
  purse: Purse,
): Affordable {
  const fits = (target: Target, besides: number) => {
    if (!purse.isLimited) return true;
    const most = purse.worstCase(target);
    return most !== null && (most === 0 || purse.hasRoom(besides + most));
  };
  const firstOf = ([first]: readonly Target[]) => (first && purse.worstCase(first)) || 0;
  const answers = answer.filter((target) => fits(target, 0));
  const answered = firstOf(answers);
  const checks = verifier?.targets ?? [];
  const verifiers = checks.filter((target) => fits(target, answered));
  const escalations = escalation.filter((target) => fits(target, 0));
  const checked = answered + firstOf(verifiers);
  return {
    answer: answers,
    verifier: verifiers,
    escalation: escalations,
    omitted: [
      ...without("answer", answer, answers),
      ...without("verifier", checks, verifiers),
      ...without("escalation", escalation, escalations),
    ],
    uncertain: without(
      "escalation",
      escalations,
      escalations.filter((target) => fits(target, checked)),
    ),
  };
}

function without(
  step: OmittedStep["step"],
  wanted: readonly Target[],
  fitting: readonly Target[],
): readonly OmittedStep[] {
  return wanted
    .filter((target) => !fitting.includes(target))
    .map(({ model }) => ({ step, model: model.id, reason: "budget" }));
}
