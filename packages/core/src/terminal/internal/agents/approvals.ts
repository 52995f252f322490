import type { LeaveSignal } from "../../../spec/http.js";
import { visibleText } from "./model-text.js";
import type { AgentAct, ApprovalRequest, ApprovalVerdict, Approve, ResolvedPolicy } from "./policy.js";

/** What a model wants to do. */
export type Wish = Pick<
  ApprovalRequest,
  "tool" | "terminal" | "session" | "command" | "stdin" | "cwd" | "background" | "timeoutMs"
>;

/** Who wants it. */
export interface Asker {
  /** Aborts when whoever asks has left. */
  readonly signal: LeaveSignal;
  /** Who is asked in this call. @defaultValue who the policy says */
  readonly approve?: Approve | undefined;
  /** The vendor's own tool that this is a call of: it has no others beside it to read on with. */
  readonly vendor?: { readonly characters?: number | undefined } | undefined;
}

/** What became of it. */
export interface Decision {
  readonly how: AgentAct["decision"];
  /** The rule, who said yes, or why not; null for somebody without a name. */
  readonly by: string | null;
  /** The words of a command that a rule allows: it runs as these, in a shell that nothing has changed. */
  readonly words: readonly string[] | null;
}

/** Decides what may be done: what is denied, then what a rule allows, then what was approved before, then a person. */
export class Approvals {
  readonly #policy: ResolvedPolicy;
  readonly #conversation: string;
  /** What was approved for as long as it lasts, and by whom. */
  readonly #remembered = new Map<string, string | null>();

  constructor(policy: ResolvedPolicy, conversation: string) {
    this.#policy = policy;
    this.#conversation = conversation;
  }

  /** @param approve - who is asked where nothing else decides */
  async decide(wish: Wish, { signal: left, approve }: Asker): Promise<Decision> {
    const denied = this.#policy.deny.find((each) =>
      new RegExp(each, each.flags.replace(/[gy]/g, "")).test(wish.command),
    );
    if (denied) return refused(`the policy denies ${denied}`);
    const found = this.#rule(wish);
    if ("rule" in found) return { how: "rule", by: found.rule, words: found.words };
    const key = JSON.stringify([wish.tool, wish.session, wish.command, wish.stdin ?? null, wish.background]);
    const remembered = this.#remembered.get(key);
    if (remembered !== undefined) return { how: "remembered", by: remembered, words: null };
    const verdict = await this.#ask(wish, found.why, { signal: left, approve: approve ?? this.#policy.approve });
    const { allow, by, deny } = inFull(verdict);
    if (deny !== undefined) return refused(deny);
    if (allow !== "once" && allow !== "conversation") return refused("the person who was asked said no");
    if (allow === "conversation" && wish.tool === "terminal_execute") this.#remembered.set(key, by);
    return { how: "person", by, words: null };
  }

  /** Rules know one command in a clean shell on this machine, and nothing else. */
  #rule({ tool, terminal, command, stdin, background }: Wish): ReturnType<ResolvedPolicy["rules"]["match"]> {
    if (tool !== "terminal_execute") return { why: "it is typed into a screen" };
    if (this.#policy.terminals[terminal]?.type !== "local") return { why: "it runs on another machine" };
    if (background) return { why: "it runs in the background" };
    if (stdin !== undefined) return { why: "it is given input" };
    return this.#policy.rules.match(command);
  }

  /** What an application's own function throws, or does not say in time, is a no. */
  async #ask(wish: Wish, reason: string, { signal: left, approve }: Asker): Promise<ApprovalVerdict> {
    const { approveWithinMs, clock, identity } = this.#policy;
    if (!approve) return { deny: `${reason}, and nobody can be asked` };
    const abort = new AbortController();
    const leave = () => abort.abort();
    left.addEventListener("abort", leave, { once: true });
    if (left.aborted) leave();
    const cancel = clock.after(approveWithinMs, leave);
    const late = new Promise<ApprovalVerdict>((resolve) => {
      abort.signal.addEventListener("abort", () => resolve({ deny: "nobody answered in time" }), { once: true });
    });
    if (abort.signal.aborted) return { deny: "nobody waits for it any more" };
    const request: ApprovalRequest = {
      ...wish,
      conversation: this.#conversation,
      identity,
      shown: visibleText(wish.command),
      reason,
      signal: abort.signal,
    };
    const asked = Promise.resolve()
      .then(() => approve(request))
      .catch(() => ({ deny: "nobody could be asked" }));
    try {
      return await Promise.race([asked, late]);
    } finally {
      cancel();
      left.removeEventListener("abort", leave);
    }
  }
}

/** A verdict that an application's own function gave, whatever it is. */
function inFull(verdict: unknown): { readonly allow?: unknown; readonly by: string | null; readonly deny?: string } {
  if (typeof verdict !== "object" || verdict === null) return { allow: verdict, by: null };
  if ("deny" in verdict) return { by: null, deny: String(verdict.deny) };
  const by = "by" in verdict && typeof verdict.by === "string" ? verdict.by : null;
  return { allow: "allow" in verdict ? verdict.allow : undefined, by };
}

function refused(by: string): Decision {
  return { how: "denied", by, words: null };
}
