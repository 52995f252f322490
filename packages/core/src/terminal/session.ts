import type { Clock } from "../clock.js";
import { GatewayError } from "../errors.js";
import type { OpenTerminal, TerminalExit, TerminalSession, TerminalSessionDetail } from "../schemas/terminal.js";
import type { TerminalType } from "../spec/http.js";
import type { RunningTerminal } from "../spec/terminal.js";
import { Audience } from "./audience.js";
import type { Command } from "./command.js";
import { CommandQueue } from "./command-queue.js";
import { OutputLog } from "./output-log.js";
import { Screen, type ScreenWitness } from "./screen.js";

/** What a session is made of. */
export interface SessionSettings {
  readonly id: string;
  readonly owner: string;
  readonly request: Pick<OpenTerminal, "type" | "name" | "cols" | "rows">;
  readonly terminal: RunningTerminal;
  readonly idleTimeoutMs: number;
  readonly maxLifeMs: number;
  readonly witness: (ScreenWitness & { close(): Promise<void> }) | null;
  readonly clock: Clock;
}

const JOBS_BYTES = 1024 * 1024;

/** Why somebody who is attached is sent away; see `CLOSE_CODES`. */
export type Leaving = "deleted" | "shutdown";

/** An open terminal under its id: its commands, its screen, who watches, and how long it lives. */
export class Session {
  readonly id: string;
  readonly type: TerminalType;
  readonly owner: string;
  readonly commands: CommandQueue;
  readonly screen: Screen;
  readonly audience: Audience;
  /** What jobs in the background print, after the commands that started them. */
  readonly jobs = new OutputLog(JOBS_BYTES);
  readonly terminal: RunningTerminal;
  readonly #settings: SessionSettings;
  readonly #createdAt: number;
  readonly #bornAt: number;
  /** Where each reader's last read without a cursor ended. */
  readonly #cursors = new Map<string, number>();
  #usedAt: number;
  #end: TerminalExit | null = null;
  #closing: Promise<void> | null = null;

  constructor(settings: SessionSettings) {
    const { id, owner, request, terminal, clock, witness } = settings;
    this.#settings = settings;
    this.id = id;
    this.owner = owner;
    this.type = request.type;
    this.terminal = terminal;
    this.screen = new Screen(terminal, { cols: request.cols, rows: request.rows }, witness);
    this.audience = new Audience(this.screen, clock);
    this.commands = new CommandQueue(terminal, (command) => this.#tell(command));
    this.#createdAt = clock.now();
    this.#bornAt = clock.monotonic();
    this.#usedAt = this.#bornAt;
  }

  /** Whether its idle time or its life is over. What runs or is watched is not idle. */
  get isOverdue(): boolean {
    const now = this.#settings.clock.monotonic();
    if (now - this.#bornAt >= this.#settings.maxLifeMs) return true;
    if (this.commands.busy || this.audience.size > 0) this.#usedAt = now;
    return now - this.#usedAt >= this.#settings.idleTimeoutMs;
  }

  /** Somebody uses it. @throws GatewayError `conflict` when its connection has ended */
  use(): void {
    this.touch();
    if (this.#end === null && this.#closing === null) return;
    throw new GatewayError("conflict", { details: "the terminal's connection has ended; delete the session" });
  }

  /** Somebody looks at it. */
  touch(): void {
    this.#usedAt = this.#settings.clock.monotonic();
  }

  /** The terminal has ended by itself. */
  ended(exit: TerminalExit): void {
    if (this.#end) return;
    this.#end = exit;
    this.commands.stopAll();
    this.screen.log.close();
    this.jobs.close();
    void this.terminal.close().catch(() => {});
  }

  /** Where a reader goes on who names no cursor. */
  cursorOf(reader: string): number {
    return this.#cursors.get(reader) ?? 0;
  }

  remember(reader: string, cursor: number): void {
    this.#cursors.set(reader, cursor);
  }

  view(): TerminalSession {
    const createdAt = new Date(this.#createdAt).toISOString();
    return { id: this.id, type: this.type, createdAt, connected: this.#end === null && this.#closing === null };
  }

  detail(): TerminalSessionDetail {
    const { clock, request } = this.#settings;
    return {
      ...this.view(),
      state: this.#state(),
      name: request.name ?? null,
      owner: this.owner,
      size: this.screen.size,
      cwd: this.terminal.cwd ?? null,
      idleMs: Math.round(clock.monotonic() - this.#usedAt),
      cursor: this.screen.log.end,
      exit: this.#end ?? this.screen.exit,
      details: this.terminal.details,
    };
  }

  /** Ends everything of it; resolves when nothing runs any more. */
  close(why: Leaving): Promise<void> {
    this.#closing ??= this.#close(why);
    return this.#closing;
  }

  async #close(why: Leaving): Promise<void> {
    this.commands.stopAll();
    await this.terminal.close();
    this.screen.log.close();
    this.jobs.close();
    this.audience.dismiss(why);
    await this.#settings.witness?.close();
  }

  #state(): TerminalSessionDetail["state"] {
    if (this.#end) return "closed";
    if (this.#closing) return "closing";
    return this.commands.busy ? "busy" : "ready";
  }

  #tell(command: Command): void {
    const { n, text, exitCode } = command;
    const phase = command.phase === "done" ? "end" : "start";
    this.audience.announce({ t: "exec", phase, n, command: text, exitCode });
  }
}
