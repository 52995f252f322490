import { GatewayError } from "../errors.js";
import type { ExecuteResult } from "../schemas/terminal-call.js";
import type { RunningTerminal } from "../spec/terminal.js";
import type { Command } from "./command.js";

const MAX_WAITING = 32;
/** Results that can still be asked for. */
const MAX_REMEMBERED = 20;

/** Runs a session's commands in order, as many at once as its terminal can. */
export class CommandQueue {
  readonly #terminal: RunningTerminal;
  readonly #onPhase: (command: Command) => void;
  readonly #commands = new Map<number, Command>();
  #waiting: (() => void)[] = [];
  #running = 0;
  #count = 0;

  /** @param onPhase - called when a command starts and when it ends */
  constructor(terminal: RunningTerminal, onPhase: (command: Command) => void) {
    this.#terminal = terminal;
    this.#onPhase = onPhase;
  }

  /** Whether commands wait or run. */
  get busy(): boolean {
    return this.#running > 0 || this.#waiting.length > 0;
  }

  /** The number of the next command. */
  get next(): number {
    return this.#count + 1;
  }

  /** @throws GatewayError `not_found` for one that was never there or is forgotten */
  get(n: number): Command {
    const command = this.#commands.get(n);
    if (command) return command;
    throw new GatewayError("not_found", { details: `there is no execution ${n}` });
  }

  /** @throws GatewayError `rate_limit_exceeded` when too many wait, `invalid_request` where nothing can be executed */
  add(command: Command): Promise<ExecuteResult> {
    const { execute } = this.#terminal;
    if (!execute) {
      throw new GatewayError("invalid_request", {
        details: "this kind of terminal cannot execute; use send and output",
      });
    }
    if (this.#waiting.length >= MAX_WAITING) {
      throw new GatewayError("rate_limit_exceeded", { details: `${MAX_WAITING} commands wait already` });
    }
    this.#count = command.n;
    this.#remember(command);
    return this.#turn().then(() => this.#run(command, execute.bind(this.#terminal)));
  }

  /** Stops every command, also those that wait. */
  stopAll(): void {
    for (const command of this.#commands.values()) if (command.phase !== "done") command.stop();
  }

  async #run(command: Command, execute: NonNullable<RunningTerminal["execute"]>): Promise<ExecuteResult> {
    try {
      const result = command.run(execute);
      this.#onPhase(command);
      return await result;
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
      this.#onPhase(command);
    }
  }

  /** Resolves when it is the caller's turn. */
  async #turn(): Promise<void> {
    if (this.#running >= (this.#terminal.concurrency ?? 1) || this.#waiting.length > 0) {
      await new Promise<void>((resolve) => void this.#waiting.push(resolve));
    }
    this.#running++;
  }

  #remember(command: Command): void {
    this.#commands.set(command.n, command);
    for (const [n, { phase }] of this.#commands) {
      if (this.#commands.size <= MAX_REMEMBERED) return;
      if (phase === "done") this.#commands.delete(n);
    }
  }
}
