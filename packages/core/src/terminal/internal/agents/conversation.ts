import { createHash } from "node:crypto";
import type { z } from "zod";
import type { ExecuteResult } from "../../../schemas/terminal-call.js";
import type { LeaveSignal } from "../../../spec/http.js";
import { AgentTerminals, type TerminalSource } from "./agent-terminals.js";
import {
  answer,
  commandAnswer,
  failure,
  failureOf,
  outputIn,
  pieceAnswer,
  shownAnswer,
  type ToolAnswer,
} from "./answer.js";
import { Approvals, type Asker, type Decision, type Wish } from "./approvals.js";
import { clip } from "./clip.js";
import { KeptCommand } from "./kept-command.js";
import { LoopGuard } from "./loop-guard.js";
import { modelText } from "./model-text.js";
import { type AgentAct, MAX_TIMEOUT_MS, type ResolvedPolicy } from "./policy.js";
import { Spending } from "./spending.js";
import type { Tool, ToolInputs, ToolName } from "./tools.js";

/** What ends something may be done with nothing left to spend. */
const ENDING: ReadonlySet<ToolName> = new Set(["terminal_stop", "terminal_restart"]);
/** Commands whose output can still be read. */
const MAX_KEPT = 20;
/** Kept of each of a command's streams. */
const KEPT_BYTES = 512 * 1024;

/** One model at work: its terminals, what was approved, and what it has used. */
export class Conversation {
  readonly id: string;
  readonly #policy: ResolvedPolicy;
  readonly #tools: readonly Tool[];
  readonly #terminals: AgentTerminals;
  readonly #approvals: Approvals;
  readonly #spending: Spending;
  readonly #loops = new LoopGuard();
  readonly #kept = new Map<number, KeptCommand>();
  #count = 0;

  constructor(source: TerminalSource, policy: ResolvedPolicy, tools: readonly Tool[]) {
    this.id = policy.clock.id("conv_");
    this.#policy = policy;
    this.#tools = tools;
    this.#terminals = new AgentTerminals(source, policy);
    this.#approvals = new Approvals(policy, this.id);
    this.#spending = new Spending(policy.budget);
  }

  /** Runs one tool. Never rejects: a model is told what it did wrong. */
  async call(name: string, input: unknown, asker: Asker): Promise<ToolAnswer> {
    const tool = this.#tools.find((each) => each.name === name);
    if (!tool) return failure(`there is no tool ${JSON.stringify(name)}`);
    const parsed = tool.input.safeParse(input ?? {});
    if (!parsed.success) return failure(`invalid arguments: ${problemsOf(parsed.error)}`);
    const exhausted = ENDING.has(tool.name) ? null : this.#spending.exhausted;
    if (exhausted !== null) return failure(`the budget of this conversation is used up: ${exhausted}`);
    try {
      const answered = await this.#run(tool.name, parsed.data, asker);
      this.#spending.read(outputIn(answered));
      return answered;
    } catch (error) {
      return failureOf(error);
    }
  }

  /** Ends its terminals, with everything that runs in them. */
  close(): Promise<void> {
    return this.#terminals.closeAll();
  }

  #run(name: ToolName, input: ToolInputs[ToolName], asker: Asker): Promise<ToolAnswer> {
    const acts: { readonly [Name in ToolName]: (given: ToolInputs[Name]) => Promise<ToolAnswer> } = {
      terminal_execute: (given) => this.#execute(given, asker),
      terminal_read: (given) => this.#read(given, asker.signal),
      terminal_stop: (given) => this.#stop(given),
      terminal_restart: (given) => this.#restart(given),
      terminal_send: (given) => this.#send(given, asker),
    };
    return (acts[name] as (given: ToolInputs[ToolName]) => Promise<ToolAnswer>)(input); // its own tool's schema made it
  }

  async #execute(input: ToolInputs["terminal_execute"], asker: Asker): Promise<ToolAnswer> {
    const { terminal, command, stdin, background } = input;
    const usual = background ? MAX_TIMEOUT_MS : this.#policy.timeoutMs;
    const timeoutMs = Math.ceil(Math.min(input.timeout_ms ?? usual, this.#spending.remainingMs));
    const cwd = await this.#terminals.cwdOf(terminal);
    const wish: Wish = { tool: "terminal_execute", terminal, command, stdin, cwd, background, timeoutMs };
    const decision = await this.#approvals.decide(wish, asker);
    if (decision.how === "denied") return this.#refuse(wish, decision);
    this.#spending.command();
    const kept = this.#keep(terminal);
    if (background) return this.#start(wish, decision, kept);
    const { result, durationMs } = await this.#finish(wish, decision, kept, asker.signal);
    const times = this.#loops.again(terminal, command, result.stdout, result.stderr, String(result.exitCode));
    return commandAnswer({
      kept,
      result,
      cwd: await this.#terminals.cwdOf(terminal),
      durationMs,
      secrets: this.#policy.secrets,
      limit: this.#policy.answerCharacters,
      notes: times === null ? [] : [`This command has had this very result ${times} times in a row: try another way.`],
    });
  }

  /** Runs a command to its end. */
  async #finish(wish: Wish, decision: Decision, kept: KeptCommand, left: LeaveSignal) {
    const { terminal, command, timeoutMs, stdin } = wish;
    const startedAt = this.#policy.clock.monotonic();
    const options = { timeoutMs, stdin, maxOutputBytes: KEPT_BYTES, signal: left };
    try {
      const result = decision.words
        ? await this.#terminals.runClean(terminal, decision.words, options)
        : await (await this.#terminals.get(terminal)).execute(command, options);
      return { result, durationMs: this.#ended(kept, wish, decision, { result, startedAt }) };
    } catch (error) {
      this.#kept.delete(kept.number); // the terminal has failed: there is nothing to read
      throw error;
    }
  }

  async #start(wish: Wish, decision: Decision, kept: KeptCommand): Promise<ToolAnswer> {
    const { command, stdin, timeoutMs, terminal } = wish;
    const handle = await this.#terminals.get(terminal);
    const startedAt = this.#policy.clock.monotonic();
    const onOutput = () => kept.changed();
    const { execution, result } = handle.start(command, { timeoutMs, stdin, maxOutputBytes: KEPT_BYTES, onOutput });
    kept.look = () => handle.execution(execution.n).result;
    kept.stop = () => handle.stopExecution(execution.n);
    result.then(
      (ended) => this.#ended(kept, wish, decision, { result: ended, startedAt }),
      () => this.#ended(kept, wish, decision, { result: { stdout: "", stderr: "", exitCode: 1 }, startedAt }),
    );
    return answer({ command: kept.number, terminal, running: true, notes: ["terminal_read tells the rest."] });
  }

  /** Books what has run; gives how long it did. */
  #ended(
    kept: KeptCommand,
    wish: Wish,
    decision: Decision,
    { result, startedAt }: { readonly result: ExecuteResult; readonly startedAt: number },
  ): number {
    const durationMs = Math.round(this.#policy.clock.monotonic() - startedAt);
    this.#spending.ran(durationMs);
    kept.ended(result);
    const outputHash = createHash("sha256").update(result.stdout).update(result.stderr).digest("hex");
    void this.#note(wish, decision, { exitCode: result.exitCode, durationMs, outputHash });
    return durationMs;
  }

  async #read(input: ToolInputs["terminal_read"], left: LeaveSignal): Promise<ToolAnswer> {
    const { command, jobs, terminal, stream, cursor, wait_ms } = input;
    const { secrets, answerCharacters: limit, clock, interactive } = this.#policy;
    if (command === undefined) {
      if (!jobs && !interactive) return failure("invalid arguments: command: say which, or jobs");
      const of = jobs ? "jobs" : "screen";
      const shown = await this.#terminals.readOn(terminal, { of, waitMs: wait_ms, signal: left });
      return shownAnswer(terminal, { [of]: clip(modelText(shown, secrets), limit).text });
    }
    const kept = this.#kept.get(command);
    if (!kept) return failure(`there is no command ${command}, or its output is no longer kept`);
    const first = pieceAnswer({ kept, stream, cursor, secrets, limit });
    if (first.value.text !== "" || !kept.running) return first;
    await kept.change(wait_ms, clock, left);
    return pieceAnswer({ kept, stream, cursor, secrets, limit });
  }

  async #stop({ command }: ToolInputs["terminal_stop"]): Promise<ToolAnswer> {
    const kept = this.#kept.get(command);
    if (!kept) return failure(`there is no command ${command}`);
    kept.stop();
    return answer({ command, stopped: true });
  }

  async #restart({ terminal }: ToolInputs["terminal_restart"]): Promise<ToolAnswer> {
    await this.#terminals.restart(terminal);
    return answer({ terminal, cwd: await this.#terminals.cwdOf(terminal) });
  }

  async #send({ terminal, data, wait_ms }: ToolInputs["terminal_send"], asker: Asker): Promise<ToolAnswer> {
    const wish: Wish = {
      tool: "terminal_send",
      terminal,
      command: data,
      stdin: undefined,
      cwd: null,
      background: false,
      timeoutMs: wait_ms,
    };
    const decision = await this.#approvals.decide(wish, asker);
    if (decision.how === "denied") return this.#refuse(wish, decision);
    this.#spending.command();
    const handle = await this.#terminals.get(terminal);
    const screen = { of: "screen", signal: asker.signal } as const;
    await this.#terminals.readOn(terminal, screen); // what it showed before is no answer to what is typed
    await handle.send(data);
    void this.#note(wish, decision, {});
    const shown = await this.#terminals.readOn(terminal, { ...screen, waitMs: wait_ms });
    const { secrets, answerCharacters } = this.#policy;
    return shownAnswer(terminal, { screen: clip(modelText(shown, secrets), answerCharacters).text });
  }

  async #refuse(wish: Wish, decision: Decision): Promise<ToolAnswer> {
    await this.#note(wish, decision, {});
    return failure(`not allowed: ${decision.by}`, { command: null });
  }

  #keep(terminal: string): KeptCommand {
    const kept = new KeptCommand(++this.#count, terminal);
    this.#kept.set(kept.number, kept);
    for (const [number, { running }] of this.#kept) {
      if (this.#kept.size <= MAX_KEPT) break;
      if (!running) this.#kept.delete(number);
    }
    return kept;
  }

  async #note(
    { tool, terminal, command }: Wish,
    { how, by }: Decision,
    ended: Partial<Pick<AgentAct, "exitCode" | "durationMs" | "outputHash">>,
  ): Promise<void> {
    const { record, clock } = this.#policy;
    const at = clock.now();
    const session = await this.#terminals.sessionOf(terminal);
    const { exitCode = null, durationMs = null, outputHash = null } = ended;
    const conversation = this.id;
    record({ at, conversation, tool, terminal, session, command, decision: how, by, exitCode, durationMs, outputHash });
  }
}

function problemsOf({ issues }: z.ZodError): string {
  return issues.map(({ path, message }) => `${path.join(".") || "arguments"}: ${message}`).join("; ");
}
