import type { ChatCall } from "../../dialects/chat-call.js";
import { GatewayError } from "../../errors.js";
import { higherLayer, type LayerName } from "../../schemas/model.js";
import type { JudgedAnswer } from "../../spec/judge.js";
import type { Ledger } from "../../usage/ledger.js";
import type { AccountedCall } from "../../usage/request-account.js";
import { judgedAnswer } from "../cascade/judged-answer.js";
import { finalAnswer } from "../judges/final-answer.js";
import type { RoutingDeps } from "../routing-deps.js";
import { Run } from "../run.js";
import type { Target } from "../target.js";
import type { Fate, Findings } from "./findings.js";

/** More at once would be a load of their own. */
const MOST_AT_ONCE = 4;

/** What an auditor works with. */
export interface AuditorDeps {
  readonly ledger: Ledger;
  readonly findings: Findings;
}

/** An answer that was accepted, and who could say whether that was right. */
export interface Accepted {
  readonly call: ChatCall;
  readonly answer: JudgedAnswer;
  /** Where it would have been escalated to. */
  readonly escalation: readonly Target[];
}

/** How audits are made, by the configuration in force. */
export interface AuditTerms {
  /** The share of accepted answers that are compared, 0 to 1. */
  readonly share: number;
  readonly routing: RoutingDeps;
  /** Told how each comparison came out. */
  readonly learn: (call: ChatCall, differed: boolean) => void;
}

/**
 * Asks the strong model too, for a small share of the answers that were accepted, after they have been given: how often
 * its final answer is another one is what the cheap model costs in quality. It is the application that asks, on an account
 * of its own; nobody waits for it, and what fails is not counted.
 */
export class Auditor {
  readonly #deps: AuditorDeps;
  readonly #running = new Set<Run>();
  #isStopped = false;

  constructor(deps: AuditorDeps) {
    this.#deps = deps;
  }

  /** Compares an accepted answer, where its turn has come and it has a final answer to compare. */
  offer(accepted: Accepted, terms: AuditTerms): void {
    const { share, routing } = terms;
    if (share === 0 || this.#isStopped || this.#running.size >= MOST_AT_ONCE) return;
    if (accepted.escalation.length === 0 || routing.clock.random() >= share) return;
    const final = finalAnswer(accepted.answer.text);
    if (final === null) return;
    this.#ask(accepted, routing).then(
      (strong) => {
        if (strong === null) return;
        this.#deps.findings.compared("accepted", strong !== final);
        terms.learn(accepted.call, strong !== final);
      },
      () => {}, // its row in the ledger says what happened
    );
  }

  /** Books what an escalation showed anyway. */
  compared(fate: Fate, differed: boolean): void {
    this.#deps.findings.compared(fate, differed);
  }

  /** Ends what runs. */
  stop(): void {
    this.#isStopped = true;
    for (const run of this.#running) run.stop(new GatewayError("draining"));
  }

  /** The strong model's final answer; null where it has none. */
  async #ask({ call, escalation }: Accepted, routing: RoutingDeps): Promise<string | null> {
    const requestId = routing.clock.id("req_");
    const account = this.#deps.ledger.open({ requestId, signal: STAYS }, AUDIT);
    const highest = escalation.reduce<LayerName>((layer, { model }) => higherLayer(layer, model.layer), "L0");
    const targets = escalation.filter(({ model }) => model.layer === highest).map(asAudit);
    const run = new Run(call, targets, { account }, routing);
    this.#running.add(run);
    try {
      return finalAnswer(judgedAnswer(await run.serve()).text);
    } finally {
      this.#running.delete(run);
      account.close();
    }
  }
}

/** By its tag sums of usage tell what audits cost. */
const AUDIT: AccountedCall = { operation: "chat", request: { stream: false, sluice: { tags: ["audit"] } } };

const STAYS = { aborted: false, addEventListener() {}, removeEventListener() {} };

function asAudit({ model, provider }: Target): Target {
  return { model, provider, reason: `audit:${model.layer}` };
}
