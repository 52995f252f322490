import { ChatCall } from "../../dialects/chat-call.js";
import { GatewayError, isGatewayError } from "../../errors.js";
import type { ChatMessage } from "../../schemas/chat.js";
import type { AskOptions, Judge, JudgedAnswer } from "../../spec/judge.js";
import type { RequestAccount } from "../../usage/request-account.js";
import type { Accepted } from "../audit/auditor.js";
import { agreement } from "../judges/agreement.js";
import { finalAnswer } from "../judges/final-answer.js";
import { promptText } from "../prompt-text.js";
import type { RoutingDeps } from "../routing-deps.js";
import { type Booking, Run, type Served } from "../run.js";
import type { Target } from "../target.js";
import type { CascadePlan } from "./cascade-plan.js";
import type { CascadeReport, Limit } from "./cascade-report.js";
import type { EscalationShare } from "./escalation-share.js";
import { answerText, judgedAnswer } from "./judged-answer.js";
import { hear, type Judgement } from "./verdicts.js";

/** How long a verifier may take after the answer is there: as long again as the answer took, and at least this. */
const LEAST_PATIENCE_MS = 1_000;

/** A verdict is a line; models that think before they write it need some more. */
const MAX_JUDGE_TOKENS = 1_000;

const NOBODY = (): Promise<null> => Promise.resolve(null);

/** What cascades work with besides routing. */
export interface CascadeDeps extends RoutingDeps {
  /** Asked in this order until one accepts or rejects. */
  readonly judges: readonly Judge[];
  readonly onUnknown: "accept" | "escalate";
  /** Which escalations are permitted. */
  readonly share: Pick<EscalationShare, "take" | "giveBack">;
  /** The models a judge's question may go to. @throws GatewayError when there are none */
  readonly planJudge: (call: ChatCall) => readonly Target[];
  /** Told how each judged call came out: whether a strong model's answer was another one than the cheap model's. */
  readonly learn: (prompt: string, differed: boolean) => void;
  /** Told of every accepted answer, which may be compared with a strong model's later. */
  readonly audit: (accepted: Accepted) => void;
  /** Told whether the answer that a rejected one was replaced by is another one. */
  readonly compared: (differed: boolean) => void;
}

/**
 * Answers with a cheap model, judges the answer, and asks a dear one only where it is rejected. What checks an answer is
 * thrown away: the caller gets the cheap model's answer or the dear one's.
 */
export class Cascade {
  readonly #call: ChatCall;
  readonly #plan: CascadePlan;
  readonly #account: RequestAccount;
  readonly #deps: CascadeDeps;
  readonly #running = new Set<Run>();
  readonly #judging = new AbortController();
  #stopped: GatewayError | null = null;

  constructor(call: ChatCall, plan: CascadePlan, account: RequestAccount, deps: CascadeDeps) {
    this.#call = call;
    this.#plan = plan;
    this.#account = account;
    this.#deps = deps;
  }

  /** Ends every upstream call of the cascade; whoever waits gets `error`. */
  stop(error: GatewayError): void {
    this.#stopped ??= error;
    this.#judging.abort(error);
    for (const run of this.#running) run.stop(error);
  }

  /** @throws GatewayError when nothing answered */
  async serve(): Promise<Served> {
    const { verifier, answer } = this.#plan;
    const startedAt = this.#deps.clock.monotonic();
    // First the answer: where a budget has room for one call only, it is this one.
    const answering = this.#start(answer, { judged: true });
    const checking = verifier ? this.#start(verifier.targets, { role: "verifier", reworded: verifier.reworded }) : null;
    try {
      const served = await answering.served;
      // By failures alone it may have risen to where nothing is left to escalate to.
      if (served.target.model.layer !== answer[0]?.model.layer) {
        await settled(served, "finished", []);
        return { ...served, manner: "judged" };
      }
      const patienceMs = Math.max(LEAST_PATIENCE_MS, this.#deps.clock.monotonic() - startedAt);
      return { ...(await this.#decide(served, checking && { checking, patienceMs })), manner: "judged" };
    } finally {
      checking?.stop();
    }
  }

  async #decide(served: Served, verifying: Verifying | null): Promise<Served> {
    const first = judgedAnswer(served);
    let second: Promise<JudgedAnswer | null> | null = null;
    const askSecond = () => {
      second ??= verifying ? this.#patiently(verifying) : Promise.resolve(null);
      return second;
    };
    const { incomparable } = this.#plan;
    const judgement = await hear(this.#judges, {
      request: this.#call.request,
      first,
      second: incomparable === null ? askSecond : NOBODY,
      incomparable: incomparable ?? undefined,
      ask: (model, messages, options) => this.#ask(model, messages, options),
      signal: this.#judging.signal,
    });
    const checked = this.#plan.policy.reports ? await askSecond() : null;
    if (this.#stopped) throw this.#stopped;
    const report: Report = (escalated, limit) => ({
      mode: this.#plan.policy.mode,
      verdicts: judgement.verdicts,
      escalated,
      limit,
      answers: this.#plan.policy.reports ? [first, ...(checked ? [checked] : [])] : null,
    });
    if (!this.#accepts(judgement)) return this.#escalate(served, first, report);
    if (judgement.outcome === "accept") this.#learn(false);
    const kept = await this.#kept(served, report(false, null));
    if (incomparable === null) this.#deps.audit({ call: this.#call, answer: first, escalation: this.#plan.escalation });
    return kept;
  }

  /** Where nobody gives a second answer, agreement has nothing to say. */
  get #judges(): readonly Judge[] {
    const { verifier, incomparable } = this.#plan;
    const { judges } = this.#deps;
    return verifier || incomparable !== null ? judges : judges.filter((judge) => judge !== agreement);
  }

  #accepts({ outcome }: Judgement): boolean {
    return outcome === "unknown" ? this.#deps.onUnknown === "accept" : outcome === "accept";
  }

  async #escalate(served: Served, first: JudgedAnswer, report: Report): Promise<Served> {
    const { escalation } = this.#plan;
    if (escalation.length === 0) return this.#notEscalated(served, report, "ceiling");
    if (!this.#deps.share.take()) return this.#notEscalated(served, report, "share");
    try {
      const better = await this.#start(escalation, { escalates: true }).served;
      const differed = finalAnswer(judgedAnswer(better).text) !== finalAnswer(first.text);
      this.#learn(differed);
      this.#deps.compared(differed);
      await settled(served, "discarded", report(true, null).verdicts);
      return {
        ...better,
        attempts: served.attempts + better.attempts,
        fallbacks: served.fallbacks + better.fallbacks,
        cascade: report(true, null),
      };
    } catch (error) {
      if (this.#stopped) throw this.#stopped;
      // A doubtful answer is more than none.
      if (!isSpent(error)) return this.#kept(served, report(false, "failed"));
      this.#deps.share.giveBack();
      return this.#kept(served, report(false, "budget"));
    }
  }

  #notEscalated(served: Served, report: Report, limit: "ceiling" | "share"): Promise<Served> {
    this.#account.omit({ step: "escalation", model: null, reason: limit });
    return this.#kept(served, report(false, limit));
  }

  /** Asks a model for a judge, on the request's own account. */
  async #ask(
    model: string,
    messages: readonly ChatMessage[],
    { maxTokens = MAX_JUDGE_TOKENS }: AskOptions = {},
  ): Promise<string> {
    const { clock, planJudge } = this.#deps;
    const request = { model, messages: [...messages], max_completion_tokens: maxTokens };
    const created = Math.floor(clock.now() / 1_000);
    const call = new ChatCall({ request, text: JSON.stringify(request), created, id: clock.id("chatcmpl-") });
    const { answer } = await this.#track(new Run(call, planJudge(call), this.#booking({ role: "judge" }), this.#deps));
    return answerText(String(answer?.body ?? ""));
  }

  /** The first answer stands. */
  async #kept(served: Served, cascade: CascadeReport): Promise<Served> {
    await settled(served, "finished", cascade.verdicts);
    return { ...served, cascade };
  }

  #learn(differed: boolean): void {
    this.#deps.learn(promptText(this.#call.request), differed);
  }

  #start(targets: readonly Target[], { reworded = false, ...purpose }: Purpose = {}): Running {
    const call = reworded ? this.#call.reworded() : this.#call;
    const run = new Run(call, targets, this.#booking(purpose), this.#deps);
    const served = this.#track(run);
    served.catch(() => {}); // a verifier may fail before anybody waits for it
    return { served, stop: () => run.stop(superfluous()) };
  }

  #booking(purpose: Omit<Booking, "account">): Booking {
    return { account: this.#account, ...purpose };
  }

  #track(run: Run): Promise<Served> {
    this.#running.add(run);
    if (this.#stopped) run.stop(this.#stopped);
    return run.serve().finally(() => this.#running.delete(run));
  }

  /** The verifier's answer; null where it fails or takes too long. */
  async #patiently({ checking, patienceMs }: Verifying): Promise<JudgedAnswer | null> {
    const cancel = this.#deps.clock.after(patienceMs, checking.stop);
    try {
      return judgedAnswer(await checking.served);
    } catch {
      return null;
    } finally {
      cancel();
    }
  }
}

type Report = (escalated: boolean, limit: Limit | null) => CascadeReport;

/** An upstream call, or several in turn, on their way to one answer. */
interface Running {
  readonly served: Promise<Served>;
  stop(): void;
}

/** What an upstream call of a cascade is for. */
interface Purpose extends Omit<Booking, "account"> {
  readonly reworded?: boolean;
}

/** Books a judged answer with what was said of it. */
function settled(
  { attempt }: Served,
  status: "finished" | "discarded",
  verdicts: CascadeReport["verdicts"],
): Promise<void> {
  return new Promise((resolve) => attempt.entry.settle(status, verdicts, resolve));
}

interface Verifying {
  readonly checking: Running;
  readonly patienceMs: number;
}

function isSpent(error: unknown): boolean {
  return isGatewayError(error) && error.code === "insufficient_quota";
}

function superfluous(): GatewayError {
  return new GatewayError("client_closed_request", { details: "its answer was no longer needed" });
}
