import { createHash } from "node:crypto";
import type { ExecuteResult } from "../../../schemas/terminal-call.js";
import type { AgentSessions } from "./agent-sessions.js";
import type { Decision, Wish } from "./approvals.js";
import type { AgentAct, ResolvedPolicy } from "./policy.js";

/** How a command has ended. */
export interface EndedCommand {
  readonly result: ExecuteResult;
  readonly durationMs: number;
}

/** Tells whom the policy names of everything that was done or refused. */
export class ActLog {
  readonly #policy: ResolvedPolicy;
  readonly #conversation: string;
  readonly #sessions: AgentSessions;

  constructor(policy: ResolvedPolicy, conversation: string, sessions: AgentSessions) {
    this.#policy = policy;
    this.#conversation = conversation;
    this.#sessions = sessions;
  }

  /** Never rejects: what an application's own function throws is that function's concern. */
  async note(wish: Wish, { how, by }: Decision, ended: EndedCommand | null): Promise<void> {
    const { tool, terminal, session, command } = wish;
    const at = this.#policy.clock.now();
    const act: AgentAct = {
      at,
      conversation: this.#conversation,
      tool,
      terminal,
      session,
      sessionId: await this.#sessions.idOf(session),
      command,
      decision: how,
      by,
      exitCode: ended?.result.exitCode ?? null,
      durationMs: ended?.durationMs ?? null,
      outputHash: ended && outputHash(ended.result),
    };
    try {
      await this.#policy.record(act);
    } catch {
      // The model's work does not end with it.
    }
  }
}

function outputHash({ stdout, stderr }: ExecuteResult): string {
  return createHash("sha256").update(stdout).update(stderr).digest("hex");
}
