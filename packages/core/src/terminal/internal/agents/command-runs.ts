import type { ExecuteResult } from "../../../schemas/terminal-call.js";
import type { LeaveSignal } from "../../../spec/http.js";
import type { Act, ActLog } from "./act-log.js";
import type { AgentSessions } from "./agent-sessions.js";
import { answer, commandAnswer, failure, pieceAnswer, type ToolAnswer } from "./answer.js";
import type { Approvals, Asker, Wish } from "./approvals.js";
import { KeptCommand } from "./kept-command.js";
import { LoopGuard } from "./loop-guard.js";
import { MAX_TIMEOUT_MS, type ResolvedPolicy } from "./policy.js";
import type { Spending } from "./spending.js";
import type { ToolInputs } from "./tools.js";

/** Commands whose output can still be read. */
const MAX_KEPT = 20;
/** Kept of each of a command's streams. */
const KEPT_BYTES = 512 * 1024;

/** What {@link CommandRuns} works with. */
export interface CommandRunsOptions {
  readonly policy: ResolvedPolicy;
  readonly sessions: AgentSessions;
  readonly approvals: Approvals;
  readonly spending: Spending;
  readonly log: ActLog;
}

/** A command that was allowed. */
interface Allowed {
  readonly act: Act;
  readonly kept: KeptCommand;
}

/** The commands of one conversation, each run as it was decided, and what they have printed. */
export class CommandRuns {
  readonly #options: CommandRunsOptions;
  readonly #loops = new LoopGuard();
  readonly #kept = new Map<number, KeptCommand>();
  readonly #background = new Set<Promise<unknown>>();
  #count = 0;

  constructor(options: CommandRunsOptions) {
    this.#options = options;
  }

  /** @throws GatewayError where its session fails */
  async execute(input: ToolInputs["terminal_execute"], asker: Asker): Promise<ToolAnswer> {
    const { policy, sessions, approvals, spending, log } = this.#options;
    const { session, command, stdin, background } = input;
    const usual = background ? MAX_TIMEOUT_MS : policy.timeoutMs;
    const timeoutMs = Math.ceil(Math.min(input.timeout_ms ?? usual, spending.remainingMs));
    const [terminal, cwd] = [sessions.terminalOf(session), await sessions.cwdOf(session)];
    const wish: Wish = { tool: "terminal_execute", terminal, session, command, stdin, cwd, background, timeoutMs };
    const decision = await approvals.decide(wish, asker);
    const act = await log.decided(wish, decision);
    if (decision.how === "denied") return failure(`not allowed: ${decision.by}`, { command: null });
    spending.command();
    const allowed = { act, kept: this.#keep(session) };
    return background ? this.#start(allowed) : this.#answer(allowed, asker);
  }

  /** A piece of a command's output. */
  async read(
    command: number,
    { stream, cursor, wait_ms }: ToolInputs["terminal_read"],
    left: LeaveSignal,
  ): Promise<ToolAnswer> {
    const { secrets, answerCharacters: limit, clock } = this.#options.policy;
    const kept = this.#kept.get(command);
    if (!kept) return failure(`there is no command ${command}, or its output is no longer kept`);
    const first = pieceAnswer({ kept, stream, cursor, secrets, limit });
    if (first.value.text !== "" || !kept.running) return first;
    await kept.change(wait_ms, clock, left);
    return pieceAnswer({ kept, stream, cursor, secrets, limit });
  }

  stop(command: number): ToolAnswer {
    const kept = this.#kept.get(command);
    if (!kept) return failure(`there is no command ${command}`);
    kept.stop();
    return answer({ command, stopped: true });
  }

  /** Resolves when everything in the background has ended, and is told. */
  async idle(): Promise<void> {
    await Promise.all(this.#background);
  }

  /** Runs a command to its end. */
  async #answer(allowed: Allowed, { signal, vendor }: Asker): Promise<ToolAnswer> {
    const { policy, sessions } = this.#options;
    const { session, command } = allowed.act.wish;
    const { result, durationMs } = await this.#finish(allowed, signal);
    const times = this.#loops.again(session, command, result.stdout, result.stderr, String(result.exitCode));
    return commandAnswer({
      kept: allowed.kept,
      result,
      cwd: await sessions.cwdOf(session),
      durationMs,
      secrets: policy.secrets,
      limit: Math.min(vendor?.characters ?? policy.answerCharacters, policy.answerCharacters),
      hasTools: vendor === undefined,
      notes: times === null ? [] : [`This command has had this very result ${times} times in a row: try another way.`],
    });
  }

  async #finish(allowed: Allowed, left: LeaveSignal) {
    const { policy, sessions, log } = this.#options;
    const { session, command, timeoutMs, stdin } = allowed.act.wish;
    const { words } = allowed.act.decision;
    const startedAt = policy.clock.monotonic();
    const options = { timeoutMs, stdin, maxOutputBytes: KEPT_BYTES, signal: left };
    try {
      const result = words
        ? await sessions.runClean(session, words, options)
        : await (await sessions.get(session)).execute(command, options);
      return { result, durationMs: await this.#ended(allowed, result, startedAt) };
    } catch (error) {
      this.#kept.delete(allowed.kept.number); // its session has failed: there is nothing to read
      await log.done(allowed.act, null);
      throw error;
    }
  }

  async #start(allowed: Allowed): Promise<ToolAnswer> {
    const { act, kept } = allowed;
    const { command, stdin, timeoutMs, session } = act.wish;
    const handle = await this.#options.sessions.get(session);
    const startedAt = this.#options.policy.clock.monotonic();
    const onOutput = () => kept.changed();
    const { execution, result } = handle.start(command, { timeoutMs, stdin, maxOutputBytes: KEPT_BYTES, onOutput });
    kept.look = () => handle.execution(execution.n).result;
    kept.stop = () => handle.stopExecution(execution.n);
    const told = result
      .catch(() => ({ stdout: "", stderr: "", exitCode: 1 })) // its session has failed
      .then((ended) => this.#ended(allowed, ended, startedAt))
      .finally(() => this.#background.delete(told));
    this.#background.add(told);
    return answer({ command: kept.number, session, running: true, notes: ["terminal_read tells the rest."] });
  }

  /** Books what has run; gives how long it did. */
  async #ended({ kept, act }: Allowed, result: ExecuteResult, startedAt: number): Promise<number> {
    const { policy, spending, log } = this.#options;
    const durationMs = Math.round(policy.clock.monotonic() - startedAt);
    spending.ran(durationMs);
    kept.ended(result);
    await log.done(act, { result, durationMs });
    return durationMs;
  }

  #keep(session: string): KeptCommand {
    const kept = new KeptCommand(++this.#count, session);
    this.#kept.set(kept.number, kept);
    for (const [number, { running }] of this.#kept) {
      if (this.#kept.size <= MAX_KEPT) break;
      if (!running) this.#kept.delete(number);
    }
    return kept;
  }
}
