import { ChatCall } from "../dialects/chat-call.js";
import type { ModelCall } from "../dialects/model-call.js";
import { completionEvents } from "../dialects/openai/completion-events.js";
import { wantsUsage } from "../dialects/wants-usage.js";
import type { GatewayError } from "../errors.js";
import { higherLayer, type LayerName } from "../schemas/model.js";
import type { GatewayConfig } from "../schemas/options.js";
import type { CallContext } from "../spec/call.js";
import type { RequestAccount } from "../usage/request-account.js";
import { Cascade, type CascadeDeps } from "./cascade/cascade.js";
import { firstLayer, planCascade } from "./cascade/cascade-plan.js";
import { type Policy, policyOf } from "./cascade/policy.js";
import type { PreRoute } from "./pre-route/pre-route.js";
import { promptText } from "./prompt-text.js";
import { Run, type Served } from "./run.js";
import type { Target } from "./target.js";

/** Whatever brings a call to an answer. */
export interface Runner {
  /** @throws GatewayError when nothing answered */
  serve(): Promise<Served>;
  /** Ends it wherever it is; whoever waits gets `error`. */
  stop(error: GatewayError): void;
}

/** What a {@link Router} decides by. */
export interface RouterDeps {
  readonly routing: GatewayConfig["routing"];
  readonly cascade: Omit<CascadeDeps, "onUnknown">;
  readonly preRoute: PreRoute;
  /** Books one call that may escalate. */
  readonly earnEscalation: () => void;
  /** @throws GatewayError when nothing could serve the call */
  plan(call: ModelCall, context: CallContext): readonly Target[];
  /** Usable models of one layer. */
  layer(layer: LayerName, call: ModelCall, context: CallContext): readonly Target[];
}

/** Only these let the gateway choose between layers. */
const CHOOSES_LAYER = /^auto(?::L[0-3])?$/;

/** Decides how a call comes by its answer: straight from a list of models, or judged and perhaps escalated. */
export class Router {
  readonly #deps: RouterDeps;

  constructor(deps: RouterDeps) {
    this.#deps = deps;
  }

  /** @throws GatewayError when nothing could serve the call */
  route(call: ModelCall, context: CallContext, account: RequestAccount): Runner {
    const targets = this.#deps.plan(call, context);
    const { cascade, routing } = this.#deps;
    const policy = call instanceof ChatCall && mayChoose(call) ? policyOf(call.request.sluice, routing) : null;
    if (policy === null) return new Run(call, targets, { account }, cascade);
    return this.#chosen(call as ChatCall, { policy, targets, context, account }); // only chats have a policy
  }

  #chosen(call: ChatCall, choosing: Choosing): Runner {
    const { policy, targets, context, account } = choosing;
    const { cascade, routing, layer, earnEscalation } = this.#deps;
    earnEscalation();
    const { request } = call;
    const held = request.stream && !routing.bufferStreams;
    const choice = held
      ? { skipped: "stream" }
      : planCascade({ request, policy, targets, below: (name) => layer(name, call, context) });
    if ("skipped" in choice) return this.#preRouted(call, choosing);
    const judged = new Cascade(call.whole(), choice, account, { ...cascade, onUnknown: routing.onUnknown });
    return request.stream ? new Buffered(judged, call) : judged;
  }

  /** What cannot be judged afterwards is decided on before: hard prompts begin at the highest layer. */
  #preRouted(call: ChatCall, { policy, targets, account }: Choosing): Runner {
    const { preRoute, cascade } = this.#deps;
    const first = firstLayer(policy, targets) ?? "L0";
    const highest = targets.reduce((layer, { model }) => higherLayer(layer, model.layer), first);
    const goesUp =
      policy.escalates && highest > first && preRoute.goesHigh(promptText(call.request)) && cascade.takeEscalation();
    const start = goesUp ? highest : first;
    const begin = targets
      .filter(({ model }) => model.layer >= start)
      .map((target) => (goesUp ? asPreRouted(target) : target));
    const rest = targets.filter(({ model }) => model.layer < start);
    return new PreRouted(new Run(call, [...begin, ...rest], { account }, cascade));
  }
}

/** What a choice between layers is made from. */
interface Choosing {
  readonly policy: Policy;
  readonly targets: readonly Target[];
  readonly context: CallContext;
  readonly account: RequestAccount;
}

function mayChoose({ request }: ChatCall): boolean {
  return CHOOSES_LAYER.test(request.model);
}

function asPreRouted({ model, provider }: Target): Target {
  return { model, provider, reason: `pre-route:${model.layer}` };
}

/** Says of what it serves that it was decided on before the call. */
class PreRouted implements Runner {
  readonly #run: Runner;

  constructor(run: Runner) {
    this.#run = run;
  }

  async serve(): Promise<Served> {
    return { ...(await this.#run.serve()), manner: "pre-route" };
  }

  stop(error: GatewayError): void {
    this.#run.stop(error);
  }
}

/** Serves a judged answer as the stream that was asked for. */
class Buffered implements Runner {
  readonly #judged: Runner;
  readonly #call: ChatCall;

  constructor(judged: Runner, call: ChatCall) {
    this.#judged = judged;
    this.#call = call;
  }

  async serve(): Promise<Served> {
    const served = await this.#judged.serve();
    const includeUsage = wantsUsage(this.#call.request);
    const body = served.answer?.body.toString() ?? "";
    return { ...served, manner: "buffered", events: completionEvents(body, includeUsage) };
  }

  stop(error: GatewayError): void {
    this.#judged.stop(error);
  }
}
