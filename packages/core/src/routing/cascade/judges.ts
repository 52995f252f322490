import type { GatewayConfig } from "../../schemas/options.js";
import type { Judge } from "../../spec/judge.js";
import { agreement } from "../judges/agreement.js";
import { judgeByModel } from "../judges/judge-by-model.js";
import { sanity } from "../judges/sanity.js";

/** Takes every answer as it is. */
const none: Judge = { name: "none", alone: true, judge: () => ({ outcome: "accept", reason: "not judged" }) };

/** The configured judges in their order; the application's own come before those that need a second answer or a model. */
export function judgesInOrder(
  { judges, judgeModel }: GatewayConfig["routing"],
  own: readonly Judge[],
): readonly Judge[] {
  const builtIn = {
    sanity: [sanity],
    none: [none],
    agreement: [agreement],
    "llm-judge": judgeModel === null ? [] : [judgeByModel(judgeModel)],
  };
  const first = judges.filter((name) => FREE.has(name)).flatMap((name) => builtIn[name]);
  const rest = judges.filter((name) => !FREE.has(name)).flatMap((name) => builtIn[name]);
  return [...first, ...own, ...rest];
}

/** What needs neither another answer nor another call. */
const FREE: ReadonlySet<string> = new Set(["sanity", "none"]);
