import { GatewayError, isGatewayError } from "../../../errors.js";
import type { OpenTerminalInput } from "../../../schemas/terminal.js";
import type { ExecuteResult } from "../../../schemas/terminal-call.js";
import type { Identity } from "../../../spec/http.js";
import type { ExecuteCallOptions, OutputSource, ReadOptions, TerminalHandle } from "../../../spec/terminal-session.js";
import { SYSTEM_PATH } from "../local/environment.js";
import type { ResolvedPolicy } from "./policy.js";
import { quotedCommand } from "./simple-command.js";

/** Where terminals come from: a `Gateway` is one. */
export interface TerminalSource {
  readonly terminals: {
    open(
      request: OpenTerminalInput,
      options: { readonly identity?: Identity | undefined; readonly signal?: AbortSignal | undefined },
    ): Promise<TerminalHandle>;
  };
}

/** One session of a conversation, by the name its model knows it by. */
interface AgentSession {
  readonly name: string;
  /** What it is a session of, by the policy's name. */
  readonly terminal: string;
  /** Null before its first use, and after its end. */
  handle: Promise<TerminalHandle> | null;
  /** How far each of its outputs has been read. */
  readonly cursors: Map<OutputSource, number>;
}

/**
 * The sessions of one conversation. Each terminal of the policy has one by its own name, opened when it is first used;
 * the model may open more, and closes what it does not need.
 */
export class AgentSessions {
  readonly #source: TerminalSource;
  readonly #policy: ResolvedPolicy;
  readonly #sessions = new Map<string, AgentSession>();
  readonly #clean = new Set<TerminalHandle>();
  readonly #closing = new AbortController();
  #opened = 0;

  constructor(source: TerminalSource, policy: ResolvedPolicy) {
    this.#source = source;
    this.#policy = policy;
    for (const name of policy.names) this.#add(name, name);
  }

  /** Opens another session of a terminal; gives its name, which no other will have. @throws GatewayError whatever keeps it from that */
  async open(terminal: string): Promise<string> {
    this.#opened++;
    while (this.#sessions.has(`${terminal}-${this.#opened + 1}`)) this.#opened++;
    const { name } = this.#add(`${terminal}-${this.#opened + 1}`, terminal);
    try {
      await this.get(name);
      return name;
    } catch (error) {
      this.#sessions.delete(name);
      throw error;
    }
  }

  /** The terminal that a session is of. @throws GatewayError `not_found` */
  terminalOf(name: string): string {
    return this.#session(name).terminal;
  }

  /** @throws GatewayError `not_found`, and whatever keeps it from being opened */
  async get(name: string): Promise<TerminalHandle> {
    for (;;) {
      const session = this.#session(name);
      const opening = session.handle ?? this.#begin(session);
      const handle = await opening;
      if (handle.view().connected) return handle;
      if (session.handle !== opening) continue;
      end(session); // its connection has ended, or it was idle for too long
      await handle.close();
    }
  }

  /** The identifier that the gateway knows a session by, where it is open. */
  async idOf(name: string): Promise<string | null> {
    return (await this.#sessions.get(name)?.handle?.catch(() => null))?.id ?? null;
  }

  /** Where commands start; null where that is not known. */
  async cwdOf(name: string): Promise<string | null> {
    return (await this.get(name)).detail().cwd;
  }

  /**
   * Runs a command in a shell that no command before it has changed, with the system's own programs: a function, an alias or
   * a file somewhere in the gateway's PATH by the name of an allowed program is not what was allowed.
   */
  async runClean(name: string, words: readonly string[], options: ExecuteCallOptions): Promise<ExecuteResult> {
    const cwd = await this.cwdOf(name);
    const clean = await this.#open(cleanly(this.#request(this.terminalOf(name)), cwd));
    this.#clean.add(clean);
    try {
      return await clean.execute(quotedCommand(words), options);
    } finally {
      this.#clean.delete(clean);
      await clean.close();
    }
  }

  /** What its screen has shown, or its jobs have printed, since the last time. */
  async readOn(name: string, of: OutputSource, options: Pick<ReadOptions, "waitMs" | "signal">): Promise<string> {
    const handle = await this.get(name);
    const { cursors } = this.#session(name);
    const { data, cursor } = await handle.read({ ...options, of, cursor: cursors.get(of) ?? 0 });
    cursors.set(of, cursor);
    return Buffer.from(data).toString("utf8");
  }

  /** Starts one afresh. */
  async restart(name: string): Promise<void> {
    const handle = await this.get(name);
    try {
      await handle.restart();
    } catch (error) {
      if (!isGatewayError(error) || error.code !== "invalid_request") throw error;
      end(this.#session(name)); // its kind cannot: the next use opens another
      await handle.close();
    }
  }

  /** Ends one, with everything that runs in it. @throws GatewayError `not_found` */
  async close(name: string): Promise<void> {
    const session = this.#session(name);
    const { handle } = session;
    end(session);
    if (!this.#policy.names.includes(name)) this.#sessions.delete(name);
    await (await handle?.catch(() => null))?.close();
  }

  async closeAll(): Promise<void> {
    this.#closing.abort();
    const clean = [...this.#clean].map((each) => each.close());
    await Promise.all([...clean, ...[...this.#sessions.keys()].map((name) => this.close(name))]);
  }

  #add(name: string, terminal: string): AgentSession {
    const session: AgentSession = { name, terminal, handle: null, cursors: new Map() };
    this.#sessions.set(name, session);
    return session;
  }

  #session(name: string): AgentSession {
    const session = this.#sessions.get(name);
    if (session) return session;
    const there = [...this.#sessions.keys()].join(", ");
    throw new GatewayError("not_found", {
      details: `there is no session ${JSON.stringify(name)}; there are: ${there}`,
    });
  }

  #begin(session: AgentSession): Promise<TerminalHandle> {
    const { sessions } = this.#policy.budget;
    const open = [...this.#sessions.values()].filter(({ handle }) => handle !== null).length;
    if (open >= sessions) {
      throw new GatewayError("rate_limit_exceeded", { details: `${sessions} sessions are open: close one` });
    }
    const opening = this.#open(this.#request(session.terminal));
    session.handle = opening;
    opening.catch(() => {
      if (session.handle === opening) session.handle = null;
    });
    return opening;
  }

  async #open(request: OpenTerminalInput): Promise<TerminalHandle> {
    const { signal } = this.#closing;
    const ended = new GatewayError("conflict", { details: "the conversation has ended" });
    if (signal.aborted) throw ended;
    const handle = await this.#source.terminals.open(request, { identity: this.#policy.identity, signal });
    if (!signal.aborted) return handle;
    await handle.close();
    throw ended;
  }

  #request(terminal: string): OpenTerminalInput {
    return this.#policy.terminals[terminal] as OpenTerminalInput; // sessions are of the policy's terminals alone
  }
}

function cleanly(request: OpenTerminalInput, cwd: string | null): OpenTerminalInput {
  if (request.type !== "local") return request;
  return { ...request, cwd: cwd ?? request.cwd, env: { PATH: SYSTEM_PATH, ...request.env } };
}

function end(session: AgentSession): void {
  session.handle = null;
  session.cursors.clear();
}
