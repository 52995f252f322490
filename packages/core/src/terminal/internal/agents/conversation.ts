import { setMaxListeners } from "node:events";
import type { z } from "zod";
import type { LeaveSignal } from "../../../spec/http.js";
import { ActLog } from "./act-log.js";
import { AgentSessions, type TerminalSource } from "./agent-sessions.js";
import { answer, failure, failureOf, outputIn, shownAnswer, type ToolAnswer } from "./answer.js";
import { Approvals, type Asker, type Wish } from "./approvals.js";
import { clip } from "./clip.js";
import { CommandRuns } from "./command-runs.js";
import { modelText } from "./model-text.js";
import type { ResolvedPolicy } from "./policy.js";
import { Spending } from "./spending.js";
import type { Tool, ToolInputs, ToolName } from "./tools.js";

/** What ends something may be done with nothing left to spend. */
const ENDING: ReadonlySet<ToolName> = new Set(["terminal_stop", "terminal_restart", "terminal_close"]);

/** One model at work: its sessions, what was approved, and what it has used. */
export class Conversation {
  readonly id: string;
  readonly #policy: ResolvedPolicy;
  readonly #tools: readonly Tool[];
  readonly #sessions: AgentSessions;
  readonly #approvals: Approvals;
  readonly #spending: Spending;
  readonly #log: ActLog;
  readonly #runs: CommandRuns;
  readonly #closing = new AbortController();
  readonly #calls = new Set<Promise<unknown>>();

  constructor(source: TerminalSource, policy: ResolvedPolicy, tools: readonly Tool[]) {
    this.id = policy.clock.id("conv_");
    setMaxListeners(0, this.#closing.signal); // each call listens
    this.#policy = policy;
    this.#tools = tools;
    const sessions = new AgentSessions(source, policy);
    const approvals = new Approvals(policy, this.id);
    const spending = new Spending(policy.budget);
    const log = new ActLog(policy, this.id, sessions);
    this.#sessions = sessions;
    this.#approvals = approvals;
    this.#spending = spending;
    this.#log = log;
    this.#runs = new CommandRuns({ policy, sessions, approvals, spending, log });
  }

  /** Runs one tool. Never rejects: a model is told what it did wrong. */
  async call(name: string, input: unknown, asker: Asker): Promise<ToolAnswer> {
    const tool = this.#tools.find((each) => each.name === name);
    if (!tool) return failure(`there is no tool ${JSON.stringify(name.slice(0, 100))}`);
    const parsed = tool.input.safeParse(input ?? {});
    if (!parsed.success) return failure(`invalid arguments: ${problemsOf(parsed.error)}`);
    if (this.#closing.signal.aborted) return failure("the conversation has ended");
    const exhausted = ENDING.has(tool.name) ? null : this.#spending.exhausted;
    if (exhausted !== null) return failure(`the budget of this conversation is used up: ${exhausted}`);
    const answering = this.#answer(tool.name, parsed.data, asker);
    this.#calls.add(answering);
    return answering.finally(() => this.#calls.delete(answering));
  }

  /** Ends its sessions, with everything that runs in them, and nobody is asked any more. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#sessions.closeAll();
    await Promise.all([...this.#calls, this.#runs.idle()]);
    await this.#log.close();
  }

  async #answer(name: ToolName, input: ToolInputs[ToolName], asker: Asker): Promise<ToolAnswer> {
    try {
      const signal = whicheverIsFirst(asker.signal, this.#closing.signal);
      const answered = await this.#run(name, input, { ...asker, signal });
      this.#spending.read(outputIn(answered));
      return answered;
    } catch (error) {
      return failureOf(error);
    }
  }

  #run(name: ToolName, input: ToolInputs[ToolName], asker: Asker): Promise<ToolAnswer> {
    const acts: { readonly [Name in ToolName]: (given: ToolInputs[Name]) => Promise<ToolAnswer> } = {
      terminal_execute: (given) => this.#runs.execute(given, asker),
      terminal_read: (given) => this.#read(given, asker.signal),
      terminal_stop: async ({ command }) => this.#runs.stop(command),
      terminal_restart: (given) => this.#restart(given),
      terminal_open: (given) => this.#open(given),
      terminal_close: (given) => this.#close(given),
      terminal_send: (given) => this.#send(given, asker),
    };
    return (acts[name] as (given: ToolInputs[ToolName]) => Promise<ToolAnswer>)(input); // its own tool's schema made it
  }

  async #read(input: ToolInputs["terminal_read"], left: LeaveSignal): Promise<ToolAnswer> {
    const { command, jobs, session, wait_ms } = input;
    if (command !== undefined) return this.#runs.read(command, input, left);
    if (!jobs && !this.#policy.interactive) return failure("invalid arguments: command: say which, or jobs");
    const of = jobs ? "jobs" : "screen";
    const shown = await this.#sessions.readOn(session, of, { waitMs: wait_ms, signal: left });
    return shownAnswer(session, { [of]: this.#safe(shown) });
  }

  async #restart({ session }: ToolInputs["terminal_restart"]): Promise<ToolAnswer> {
    await this.#sessions.restart(session);
    return answer({ session, cwd: await this.#sessions.cwdOf(session) });
  }

  /** Nothing runs by that, and only what the policy names can be opened: nobody is asked. */
  async #open({ type, preset }: ToolInputs["terminal_open"]): Promise<ToolAnswer> {
    const { names, terminals } = this.#policy;
    if ((type === undefined) === (preset === undefined))
      return failure("invalid arguments: say type or preset, one of them");
    const terminal = preset ?? (names.find((name) => terminals[name]?.type === type) as string); // the schema has looked
    this.#spending.command();
    const session = await this.#sessions.open(terminal);
    return answer({ session, cwd: await this.#sessions.cwdOf(session) });
  }

  async #close({ session }: ToolInputs["terminal_close"]): Promise<ToolAnswer> {
    await this.#sessions.close(session);
    return answer({ session, closed: true });
  }

  async #send({ session, data, wait_ms }: ToolInputs["terminal_send"], asker: Asker): Promise<ToolAnswer> {
    const wish: Wish = {
      tool: "terminal_send",
      terminal: this.#sessions.terminalOf(session),
      session,
      command: data,
      stdin: undefined,
      cwd: null,
      background: false,
      timeoutMs: wait_ms,
    };
    const decision = await this.#approvals.decide(wish, asker);
    const act = await this.#log.decided(wish, decision);
    if (decision.how === "denied") return failure(`not allowed: ${decision.by}`, { command: null });
    this.#spending.command();
    const handle = await this.#sessions.get(session);
    const { signal } = asker;
    await this.#sessions.readOn(session, "screen", { signal }); // what it showed before is no answer to what is typed
    await handle.send(data);
    await this.#log.done(act, null);
    return shownAnswer(session, {
      screen: this.#safe(await this.#sessions.readOn(session, "screen", { signal, waitMs: wait_ms })),
    });
  }

  #safe(shown: string): string {
    const { secrets, answerCharacters } = this.#policy;
    return clip(modelText(shown, secrets), answerCharacters).text;
  }
}

/** Aborts with the first of two. */
function whicheverIsFirst(one: LeaveSignal, other: LeaveSignal): LeaveSignal {
  return {
    get aborted() {
      return one.aborted || other.aborted;
    },
    addEventListener(...given) {
      one.addEventListener(...given);
      other.addEventListener(...given);
    },
    removeEventListener(...given) {
      one.removeEventListener(...given);
      other.removeEventListener(...given);
    },
  };
}

function problemsOf({ issues }: z.ZodError): string {
  const told = issues.slice(0, 5).map(({ path, message }) => `${path.join(".") || "arguments"}: ${message}`);
  return told.join("; ").slice(0, 1_000);
}
