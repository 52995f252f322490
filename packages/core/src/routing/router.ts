import { ChatCall } from "../dialects/chat-call.js";
import type { ModelCall } from "../dialects/model-call.js";
import { completionEvents } from "../dialects/openai/completion-events.js";
import { wantsUsage } from "../dialects/wants-usage.js";
import type { GatewayError } from "../errors.js";
import type { LayerName } from "../schemas/model.js";
import type { GatewayConfig } from "../schemas/options.js";
import type { CallContext } from "../spec/call.js";
import type { RequestAccount } from "../usage/request-account.js";
import type { Auditor } from "./audit/auditor.js";
import { Cascade, type CascadeDeps } from "./cascade/cascade.js";
import type { EscalationShare } from "./cascade/escalation-share.js";
import { type Decision, decide, type Weighed } from "./decision.js";
import type { Pace } from "./pace.js";
import type { PreRoute } from "./pre-route/pre-route.js";
import { promptText } from "./prompt-text.js";
import { Run, type Served } from "./run.js";
import type { Target } from "./target.js";
import type { WarmPrefixes } from "./warm-prefixes.js";

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
  readonly cascade: Omit<CascadeDeps, "onUnknown" | "share" | "learn" | "audit" | "compared">;
  readonly auditor: Auditor;
  readonly preRoute: PreRoute;
  readonly share: EscalationShare;
  readonly warm: WarmPrefixes;
  readonly pace: Pace;
  /** @throws GatewayError when nothing could serve the call */
  plan(call: ModelCall, context: CallContext): readonly Target[];
  /** Usable models of one layer. */
  layer(layer: LayerName, call: ModelCall, context: CallContext): readonly Target[];
}

/** Decides how a call comes by its answer, and sets out to get it. */
export class Router {
  readonly #deps: RouterDeps;
  readonly #cascade: CascadeDeps;

  constructor(deps: RouterDeps) {
    const { cascade, routing, share, preRoute, auditor } = deps;
    this.#deps = deps;
    const terms = {
      share: routing.auditShare,
      routing: cascade,
      learn: (call: ChatCall, differed: boolean) => preRoute.learn(promptText(call.request), differed),
    };
    this.#cascade = {
      ...cascade,
      onUnknown: routing.onUnknown,
      share,
      learn: (prompt, differed) => preRoute.learn(prompt, differed),
      audit: (accepted) => auditor.offer(accepted, terms),
      compared: (differed) => auditor.compared("escalated", differed),
    };
  }

  /** How a call would be routed now; books nothing. @throws GatewayError when nothing could serve it */
  decide(call: ModelCall, context: CallContext): Decision {
    const { plan, layer, warm } = this.#deps;
    const planned = plan(call, context);
    const targets = isAuto(call) ? warm.prefer(call.request, context.identity?.id, planned) : planned;
    return decide(call, targets, { ...this.#deps, layer: (name) => layer(name, call, context) });
  }

  /** Sets out to do what was decided. */
  run(call: ModelCall, decision: Decision, account: RequestAccount): Runner {
    if (decision.kind === "list") return new Run(call, decision.targets, { account }, this.#cascade);
    this.#deps.share.earn();
    const chat = call as ChatCall; // nothing else is judged or weighed
    if (decision.kind === "weighed") return this.#weighed(chat, decision, account);
    const judged = new Cascade(chat.whole(), decision.plan, account, this.#cascade);
    return chat.request.stream ? new Buffered(judged, chat) : judged;
  }

  /** Books what an answer tells of its provider's cache, and of the model's pace. */
  served(call: ModelCall, { identity }: CallContext, { target, attempt }: Served): void {
    if (!isAuto(call)) return;
    this.#deps.warm.served(call.request, identity?.id, target, attempt.usage);
    const { row } = attempt.entry;
    if (row) this.#deps.pace.answered(target.model.id, row.durationMs);
  }

  #weighed(call: ChatCall, { targets, raised, score, skipped }: Weighed, account: RequestAccount): Runner {
    if (score) this.#deps.preRoute.book(score);
    const rises = score !== null && score.score >= score.threshold && this.#deps.share.take();
    return new PreRouted(new Run(call, rises ? raised : targets, { account }, this.#cascade), skipped);
  }
}

function isAuto(call: ModelCall): call is ChatCall {
  return call instanceof ChatCall && call.request.model.startsWith("auto");
}

/** Says of what it serves that it was decided on before the call. */
class PreRouted implements Runner {
  readonly #run: Run;
  readonly #skipped: string;

  constructor(run: Run, skipped: string) {
    this.#run = run;
    this.#skipped = skipped;
  }

  async serve(): Promise<Served> {
    return { ...(await this.#run.serve()), manner: "pre-route", skipped: this.#skipped };
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
    const shows = served.cascade?.answers != null; // a cross-check stands in the usage chunk
    const includeUsage = shows || wantsUsage(this.#call.request);
    const body = served.answer?.body.toString() ?? "";
    return { ...served, manner: "buffered", events: completionEvents(body, includeUsage) };
  }

  stop(error: GatewayError): void {
    this.#judged.stop(error);
  }
}
