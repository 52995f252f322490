import { GatewayError, isGatewayError } from "../../../errors.js";
import type { OpenTerminalInput } from "../../../schemas/terminal.js";
import type { ExecuteResult } from "../../../schemas/terminal-call.js";
import type { Identity } from "../../../spec/http.js";
import type { ExecuteCallOptions, ReadOptions, TerminalHandle } from "../../../spec/terminal-session.js";
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

/** The terminals of one conversation, by name, each opened when it is first used. */
export class AgentTerminals {
  readonly #source: TerminalSource;
  readonly #policy: ResolvedPolicy;
  readonly #open = new Map<string, Promise<TerminalHandle>>();
  readonly #cursors = new Map<string, number>();
  readonly #closing = new AbortController();

  constructor(source: TerminalSource, policy: ResolvedPolicy) {
    this.#source = source;
    this.#policy = policy;
  }

  /** @throws GatewayError whatever keeps it from being opened */
  async get(name: string): Promise<TerminalHandle> {
    const known = this.#open.get(name);
    if (known) {
      const handle = await known;
      if (handle.view().connected) return handle;
      await this.close(name); // its connection has ended, or it was idle for too long
    }
    const opening = this.#opened(this.#policy.terminals[name] as OpenTerminalInput); // the tools' schema knows the names
    this.#open.set(name, opening);
    opening.catch(() => this.#open.delete(name));
    return opening;
  }

  /** The session's identifier, where it is open. */
  async sessionOf(name: string): Promise<string | null> {
    return (await this.#open.get(name)?.catch(() => null))?.id ?? null;
  }

  /** Where commands start; null where that is not known. */
  async cwdOf(name: string): Promise<string | null> {
    return (await this.get(name)).detail().cwd;
  }

  /**
   * Runs a command in a shell that no command before it has changed: a function or an alias by the name of an allowed
   * program is not what was allowed.
   */
  async runClean(name: string, words: readonly string[], options: ExecuteCallOptions): Promise<ExecuteResult> {
    const cwd = await this.cwdOf(name);
    const request = this.#policy.terminals[name] as OpenTerminalInput; // as above
    const clean = await this.#opened(cwd === null || request.type !== "local" ? request : { ...request, cwd });
    try {
      return await clean.execute(quotedCommand(words), options);
    } finally {
      await clean.close();
    }
  }

  /** What its screen has shown, or its jobs have printed, since the last time. */
  async readOn(name: string, options: Pick<ReadOptions, "of" | "waitMs" | "signal">): Promise<string> {
    const handle = await this.get(name);
    const key = `${options.of} ${name}`;
    const { data, cursor } = await handle.read({ ...options, cursor: this.#cursors.get(key) ?? 0 });
    this.#cursors.set(key, cursor);
    return Buffer.from(data).toString("utf8");
  }

  async restart(name: string): Promise<void> {
    const handle = await this.get(name);
    try {
      await handle.restart();
    } catch (error) {
      if (!isGatewayError(error) || error.code !== "invalid_request") throw error;
      await this.close(name); // its kind cannot: the next use opens another
    }
  }

  async close(name: string): Promise<void> {
    const known = this.#open.get(name);
    this.#open.delete(name);
    for (const of of ["screen", "jobs"]) this.#cursors.delete(`${of} ${name}`);
    await (await known?.catch(() => null))?.close();
  }

  async closeAll(): Promise<void> {
    this.#closing.abort();
    await Promise.all([...this.#open.keys()].map((name) => this.close(name)));
  }

  #opened(request: OpenTerminalInput): Promise<TerminalHandle> {
    const { signal } = this.#closing;
    if (signal.aborted) return Promise.reject(new GatewayError("conflict", { details: "the conversation has ended" }));
    return this.#source.terminals.open(request, { identity: this.#policy.identity, signal });
  }
}
