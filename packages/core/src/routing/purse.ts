import { ChatCall } from "../dialects/chat-call.js";
import type { ModelCall } from "../dialects/model-call.js";
import type { RequestAccount } from "../usage/request-account.js";
import type { PricedCall } from "../usage/worst-case.js";
import type { Decision } from "./decision.js";
import type { Purse } from "./explain-budget.js";
import type { Target } from "./target.js";

/** What a request that is decided on may spend: each model is reckoned by the body it would get. */
export function purseOf(call: ModelCall, decision: Decision, account: RequestAccount): Purse {
  const { asked, verifier, checking } = bodiesOf(call, decision);
  const known = new Map<Target, number | null>();
  return {
    isLimited: account.isLimited,
    hasRoom: (amount) => account.hasRoom(amount),
    worstCase(target) {
      const before = known.get(target);
      if (before !== undefined) return before;
      const most = account.worstCase(pricedCall(verifier?.targets.includes(target) ? checking : asked, target));
      known.set(target, most);
      return most;
    },
  };
}

/** The call as models that answer get it, and as those that check it do. */
function bodiesOf(call: ModelCall, decision: Decision) {
  if (decision.kind !== "judged" || !(call instanceof ChatCall)) return { asked: call, verifier: null, checking: call };
  const { verifier } = decision.plan;
  const asked = call.whole();
  return { asked, verifier, checking: verifier?.reworded ? asked.reworded() : asked };
}

/** What asking a model would be. A request that has no form at its provider is passed over for that, not for its price. */
function pricedCall(call: ModelCall, { model, provider }: Target): PricedCall {
  const { operation, request } = call;
  try {
    return { operation, request, model, body: call.open(provider, model).body };
  } catch {
    return { operation, request, model, body: "" };
  }
}
