import type { ChatRequest } from "../../schemas/chat.js";
import { LAYERS, type LayerName } from "../../schemas/model.js";
import type { Target } from "../target.js";
import type { Policy } from "./policy.js";
import { whyNotCompared, whyNotJudged } from "./unfit.js";

/** Which models give the first answer, which one checks it, and which ones are asked when it is rejected. */
export interface CascadePlan {
  readonly policy: Policy;
  /** In order; the layers above follow, for failures, and those below, for budgets that have no room for more. */
  readonly answer: readonly Target[];
  /** Null: only judged by itself. */
  readonly verifier: { readonly targets: readonly Target[]; readonly reworded: boolean } | null;
  /** Why a second answer says nothing of the first, and is asked for only to be shown; null where it may. */
  readonly incomparable: string | null;
  /** Empty: the first answer stands whatever a judge says. */
  readonly escalation: readonly Target[];
}

/** What a cascade is planned from. */
export interface CascadeScope {
  readonly request: ChatRequest;
  readonly policy: Policy;
  /** What `auto` would walk without a cascade, in order. */
  readonly targets: readonly Target[];
  /** Usable models of a layer below those. */
  below(layer: LayerName): readonly Target[];
}

/** A plan, or why there is none. */
export type CascadeChoice = CascadePlan | { readonly skipped: string };

/** Plans one request's cascade. Pure. */
export function planCascade({ request, policy, targets, below }: CascadeScope): CascadeChoice {
  const unfit = whyNotJudged(request);
  if (unfit !== null) return { skipped: unfit };
  const layers = layersOf(targets);
  const first = firstLayer(policy, targets);
  const higher = layers.filter((layer) => first !== undefined && layer > first);
  const goal = policy.escalates ? (policy.climbs === "step" ? higher[0] : higher.at(-1)) : undefined;
  const answer = [
    ...targets.filter(({ model }) => first !== undefined && model.layer >= first),
    ...targets.filter(({ model }) => first !== undefined && model.layer < first),
  ];
  const incomparable = policy.verifying === null ? null : whyNotCompared(request);
  const verifier = incomparable === null || policy.reports ? verifierOf(policy, answer, below) : null;
  if (goal === undefined && !(policy.reports && verifier)) return { skipped: "nothing above" };
  return {
    policy,
    answer,
    verifier,
    incomparable,
    escalation: goal === undefined ? [] : targets.filter(({ model }) => model.layer >= goal).map(asEscalation),
  };
}

/** Where answers begin: on the cheap layer where there is one, as a weak answer that is judged right is still a weak one. */
export function firstLayer({ freeFirst }: Policy, targets: readonly Target[]): LayerName | undefined {
  const layers = layersOf(targets);
  return !freeFirst && layers[0] === "L0" && layers.includes("L1") ? "L1" : layers[0];
}

function layersOf(targets: readonly Target[]): readonly LayerName[] {
  return LAYERS.filter((layer) => targets.some(({ model }) => model.layer === layer));
}

/** Two models make other mistakes; two wordings of one model do too, and come next. */
function verifierOf(
  { verifying }: Policy,
  answer: readonly Target[],
  below: CascadeScope["below"],
): CascadePlan["verifier"] {
  const [first] = answer;
  if (verifying === null || !first) return null;
  const others = answer.filter(({ model }) => model.layer === first.model.layer && model.id !== first.model.id);
  const cheaper = verifying === "cheaper" ? LAYERS.filter((layer) => layer < first.model.layer).flatMap(below) : [];
  const targets = [...cheaper, ...others];
  if (targets.length > 0) return { targets: targets.map(asVerifier), reworded: false };
  return { targets: [asVerifier(first)], reworded: true };
}

function asVerifier({ model, provider }: Target): Target {
  return { model, provider, reason: `verifier:${model.layer}` };
}

function asEscalation({ model, provider }: Target): Target {
  return { model, provider, reason: `escalated:${model.layer}` };
}
