import { createHash } from "node:crypto";
import type { ExecuteResult } from "../../../schemas/terminal-call.js";
import { redacted } from "../redact.js";
import type { AgentSessions } from "./agent-sessions.js";
import type { Decision, Wish } from "./approvals.js";
import { visibleText } from "./model-text.js";
import type { AgentAct, ResolvedPolicy } from "./policy.js";
import { AgentTranscript } from "./transcript.js";

/** Something that was decided. */
export interface Act {
  /** Counts the decisions of a conversation. */
  readonly n: number;
  readonly wish: Wish;
  readonly decision: Decision;
}

/** How a command has ended. */
export interface EndedCommand {
  readonly result: ExecuteResult;
  readonly durationMs: number;
}

/** Tells of everything that was done or refused: whom the policy names, and the conversation's transcript. */
export class ActLog {
  readonly #policy: ResolvedPolicy;
  readonly #conversation: string;
  readonly #sessions: AgentSessions;
  readonly #transcript: AgentTranscript | null;
  #count = 0;

  constructor(policy: ResolvedPolicy, conversation: string, sessions: AgentSessions) {
    this.#policy = policy;
    this.#conversation = conversation;
    this.#sessions = sessions;
    const { transcripts, identity } = policy;
    const first = () => ({
      at: this.#now(),
      event: "open",
      conversation,
      identity: identity?.id ?? null,
      user: identity?.userId ?? null,
    });
    this.#transcript = transcripts === undefined ? null : new AgentTranscript(transcripts, conversation, first);
  }

  /**
   * What was decided, before it happens.
   * @throws GatewayError `store_unavailable` where the transcript cannot be written: then it must not happen
   */
  async decided(wish: Wish, decision: Decision): Promise<Act> {
    const act = { n: ++this.#count, wish, decision };
    const sessionId = await this.#sessions.idOf(wish.session);
    if (decision.how === "denied") this.#tell(act, null, sessionId);
    await this.#write({
      event: "decision",
      n: act.n,
      tool: wish.tool,
      terminal: wish.terminal,
      session: wish.session,
      sessionId,
      cwd: wish.cwd,
      command: this.#shown(wish.command),
      commandHash: hash(wish.command),
      ...(wish.stdin === undefined ? {} : { stdinHash: hash(wish.stdin) }),
      background: wish.background,
      decision: decision.how,
      by: decision.by,
    });
    return act;
  }

  /** It has happened. Never rejects. @param ended - null for what has no result */
  async done(act: Act, ended: EndedCommand | null): Promise<void> {
    this.#tell(act, ended, await this.#sessions.idOf(act.wish.session));
    await this.#write({ event: "end", n: act.n, ...(ended && endOf(ended)) }).catch(() => {}); // the next decision is refused
  }

  /** The conversation has ended. */
  async close(): Promise<void> {
    if (this.#transcript?.hasBegun) await this.#write({ event: "close" }).catch(() => {}); // all else is there
    await this.#transcript?.close();
  }

  async #write(row: object): Promise<void> {
    await this.#transcript?.write({ at: this.#now(), ...row });
  }

  #now(): string {
    return new Date(this.#policy.clock.now()).toISOString();
  }

  /** What the application's own function throws, and how long it takes, is that function's concern. */
  #tell({ wish, decision }: Act, ended: EndedCommand | null, sessionId: string | null): void {
    const { tool, terminal, session, command } = wish;
    const at = this.#policy.clock.now();
    const act: AgentAct = {
      at,
      conversation: this.#conversation,
      tool,
      terminal,
      session,
      sessionId,
      command,
      decision: decision.how,
      by: decision.by,
      exitCode: ended?.result.exitCode ?? null,
      durationMs: ended?.durationMs ?? null,
      outputHash: ended && outputHashOf(ended.result),
    };
    Promise.resolve(act)
      .then(this.#policy.record)
      .catch(() => {});
  }

  #shown(command: string): string {
    return redacted(
      visibleText(this.#policy.secrets.reduce((text, each) => text.replaceAll(each, "[redacted]"), command)),
    );
  }
}

function endOf({ result, durationMs }: EndedCommand): object {
  const { exitCode, timedOut = false, aborted = false } = result;
  return { exitCode, timedOut, aborted, durationMs, outputHash: outputHashOf(result) };
}

function outputHashOf({ stdout, stderr }: ExecuteResult): string {
  return createHash("sha256").update(stdout).update(stderr).digest("hex");
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
