import { ChatCall } from "../dialects/chat-call.js";
import type { ModelCall } from "../dialects/model-call.js";
import { higherLayer, type LayerName } from "../schemas/model.js";
import type { GatewayConfig } from "../schemas/options.js";
import { type CascadePlan, firstLayer, planCascade } from "./cascade/cascade-plan.js";
import type { EscalationShare } from "./cascade/escalation-share.js";
import { type Policy, policyOf } from "./cascade/policy.js";
import type { Pace } from "./pace.js";
import type { PreRoute, PreRouteScore } from "./pre-route/pre-route.js";
import { promptText } from "./prompt-text.js";
import type { Target } from "./target.js";

/** How a call comes by its answer: from a list of models, judged afterwards, or weighed before. */
export type Decision =
  | { readonly kind: "list"; readonly targets: readonly Target[] }
  | {
      readonly kind: "judged";
      readonly targets: readonly Target[];
      readonly policy: Policy;
      readonly plan: CascadePlan;
    }
  | Weighed;

/** What cannot be judged afterwards is weighed before the call. */
export interface Weighed {
  readonly kind: "weighed";
  /** From the cheap layer up; what lies below it comes last. */
  readonly targets: readonly Target[];
  readonly policy: Policy;
  /** Why the answer is not judged. */
  readonly skipped: string;
  /** Null where there is but one layer, or none may be left. */
  readonly score: PreRouteScore | null;
  /** The same models with the highest layer first, for prompts that look hard. */
  readonly raised: readonly Target[];
}

/** What decisions are made from, besides the call and its targets. */
export interface DecisionDeps {
  readonly routing: GatewayConfig["routing"];
  readonly preRoute: PreRoute;
  readonly share: Pick<EscalationShare, "hasRoom">;
  readonly pace: Pick<Pace, "medianMs">;
  /** Usable models of one layer. */
  layer(layer: LayerName): readonly Target[];
}

/** Only these let the gateway choose between layers. */
const CHOOSES_LAYER = /^auto(?::L[0-3])?$/;

/** Decides on one call. The same call, catalogue and traffic give the same decision, and nothing is booked. */
export function decide(call: ModelCall, targets: readonly Target[], deps: DecisionDeps): Decision {
  if (!(call instanceof ChatCall) || !CHOOSES_LAYER.test(call.request.model)) return { kind: "list", targets };
  const policy = policyOf(call.request.sluice, deps.routing);
  if (policy === null) return { kind: "list", targets };
  const { request } = call;
  const unfit = whyNotNow(call, { policy, targets }, deps);
  const choice = unfit === null ? planCascade({ request, policy, targets, below: deps.layer }) : { skipped: unfit };
  if (!("skipped" in choice)) return { kind: "judged", targets, policy, plan: choice };
  return weigh(call, { policy, targets, skipped: choice.skipped }, deps.preRoute);
}

/** Why an answer is not judged, although the request is one whose answers are; null where it may be. */
function whyNotNow(
  { request: { stream, sluice } }: ChatCall,
  { policy, targets }: Pick<Weighed, "policy" | "targets">,
  { routing, share, pace }: DecisionDeps,
): string | null {
  if (stream && !routing.bufferStreams) return "stream";
  if (policy.escalates && !policy.reports && !share.hasRoom) return "share"; // a verdict that nothing follows from
  const deadlineMs = sluice?.timeouts?.totalMs;
  if (deadlineMs === undefined) return null;
  const first = firstLayer(policy, targets);
  const cheap = targets.find(({ model }) => model.layer === first);
  const medianMs = cheap ? pace.medianMs(cheap.model.id) : null;
  return medianMs !== null && deadlineMs < 2 * medianMs ? "deadline" : null;
}

function weigh(
  { request }: ChatCall,
  { policy, targets, skipped }: Pick<Weighed, "policy" | "targets" | "skipped">,
  preRoute: PreRoute,
): Weighed {
  const first = firstLayer(policy, targets) ?? "L0";
  const highest = targets.reduce((layer, { model }) => higherLayer(layer, model.layer), first);
  const mayRise = policy.escalates && highest > first;
  return {
    kind: "weighed",
    policy,
    skipped,
    targets: startingAt(first, targets),
    score: mayRise ? preRoute.look(promptText(request)) : null,
    raised: mayRise ? startingAt(highest, targets).map((target) => asRaised(target, highest)) : targets,
  };
}

function startingAt(layer: LayerName, targets: readonly Target[]): readonly Target[] {
  return [
    ...targets.filter(({ model }) => model.layer >= layer),
    ...targets.filter(({ model }) => model.layer < layer),
  ];
}

function asRaised(target: Target, highest: LayerName): Target {
  const { model, provider } = target;
  return model.layer === highest ? { model, provider, reason: `pre-route:${highest}` } : target;
}
