import { readlinkSync } from "node:fs";
import type { Clock } from "../../../clock.js";
import { GatewayError } from "../../../errors.js";
import type { CommandExit, TerminalCommand } from "../../../spec/terminal.js";
import { NO_SUCH_PLACE } from "./launch.js";
import { isAfter, type Moment, type ProcessEntry, processesOf, thisMoment } from "./process-set.js";
import { reasonOf } from "./reason.js";
import { type Place, ResidentShell, type ShellSettings } from "./resident-shell.js";
import { signalOf } from "./signals.js";
import { stopProcesses } from "./stop-processes.js";
import { type PreparedCommand, Workplace, type WorkplaceOptions } from "./workplace.js";

/** What {@link ResidentEngine} works with. */
export interface EngineOptions extends ShellSettings, WorkplaceOptions {
  /** Where the first shell starts. */
  readonly cwd: string;
  /** What every process of the session carries in its environment. */
  readonly mark: string;
  readonly clock: Clock;
}

/** How long a command has to end by itself once it is asked to. */
const GRACE_MS = 500;
/** A shell that survives SIGKILL for so long hangs in the kernel, or has become another user's program. */
const GIVE_UP_MS = 3_000;

/**
 * Runs commands one after the other in one shell that lives on between them. After each the shell writes its state down,
 * so that another shell can take its place when a command ends it (`exit`, `exec`, a time-out).
 */
export class ResidentEngine {
  readonly #options: EngineOptions;
  readonly #sessions = new Set<number>();
  #workplace: Workplace | null = null;
  #shell: ResidentShell | null = null;
  #status = 0;
  #count = 0;
  #running: { readonly n: number; readonly done: (exit: CommandExit) => void } | null = null;
  #cwd: string | null = null;
  #closed = false;

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  /** Every process of this session: of its shells, present and past, and whatever they started. */
  processes(): readonly ProcessEntry[] {
    return processesOf(this.#sessions, this.#options.mark);
  }

  /** Where the shell stands, which a shell that takes its place is told; null where the system does not say. */
  get cwd(): string | null {
    return this.#cwd;
  }

  /**
   * Starts the shell, so that the first command need not wait, and a shell that cannot be started is noticed. Close the
   * engine in any case.
   * @throws GatewayError `invalid_request` where its user cannot go to its directory, `not_configured`
   */
  async open(signal: AbortSignal): Promise<void> {
    const shell = await this.#start({ cwd: this.#options.cwd }).catch((cause: unknown) => {
      throw new GatewayError("not_configured", { details: `no shell can be started here: ${reasonOf(cause)}`, cause });
    });
    const leave = () => shell.signal("SIGKILL");
    signal.addEventListener("abort", leave, { once: true });
    if (signal.aborted) leave();
    const exit = await Promise.race([shell.ready, shell.ended]);
    signal.removeEventListener("abort", leave);
    signal.throwIfAborted();
    if (exit) throw cannotStart(exit);
    this.#lookWhere();
  }

  /** Runs one command. Call it again only after it has resolved. @throws GatewayError `conflict` */
  async execute(command: TerminalCommand): Promise<CommandExit> {
    const n = ++this.#count;
    const [shell, prepared] = await this.#recovering(() => this.#prepare(n, command));
    try {
      const exit = await this.#run(shell, n, prepared.line, command.signal);
      this.#status = exit.exitCode;
      this.#lookWhere();
      await prepared.finish();
      return exit;
    } finally {
      prepared.cleanUp();
    }
  }

  /** Forgets the state and starts afresh; background jobs end too. @throws GatewayError `conflict` */
  async restart(): Promise<void> {
    await this.#stopAll();
    this.#workplace?.state.forget();
    this.#status = 0;
    const shell = await this.#recovering(() => this.#living());
    await Promise.race([shell.ready, shell.ended]); // before, it is not yet where it starts
    this.#lookWhere();
  }

  /** Ends every process of the session, and removes its directory. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#stopAll();
    this.#workplace?.remove();
  }

  async #stopAll(): Promise<void> {
    this.#shell?.signal("SIGHUP");
    await stopProcesses(() => this.processes(), { clock: this.#options.clock, graceMs: GRACE_MS, ask: "SIGHUP" });
    if (this.#shell) await this.#endOf(this.#shell);
  }

  /** Resolves when a shell that was killed has ended, or is given up. */
  async #endOf(shell: ResidentShell): Promise<void> {
    const cancel = this.#options.clock.after(GIVE_UP_MS, () => shell.giveUp());
    await shell.ended;
    cancel();
  }

  /** A shell that has ended keeps its place: the next one goes on there. */
  #lookWhere(): void {
    if (this.#shell === null || this.#shell.hasEnded) return;
    try {
      this.#cwd = readlinkSync(`/proc/${this.#shell.pid}/cwd`);
    } catch {
      // not Linux, or it ends just now
    }
  }

  async #work(): Promise<Workplace> {
    this.#workplace ??= await Workplace.create(this.#options);
    if (!this.#closed) return this.#workplace;
    this.#workplace.remove();
    throw new Error("the terminal is closed");
  }

  /** The shell as it is, or another one with the state of the last. */
  async #living(): Promise<ResidentShell> {
    if (this.#shell && !this.#shell.hasEnded) return this.#shell;
    return this.#start({ cwd: this.#options.cwd, otherwise: "/" });
  }

  async #start(place: Place): Promise<ResidentShell> {
    const { folder, state } = await this.#work();
    const restoring = state.restoring();
    const shell = await ResidentShell.start(this.#options, folder, place);
    this.#shell = shell;
    shell.onReport = (words) => this.#hear(words);
    this.#sessions.add(shell.pid);
    if (this.#closed) {
      shell.signal("SIGKILL");
      await this.#endOf(shell);
    }
    for (const line of restoring) shell.run(line);
    return shell;
  }

  async #prepare(n: number, command: TerminalCommand): Promise<readonly [ResidentShell, PreparedCommand]> {
    const shell = await this.#living();
    return [shell, await (await this.#work()).prepare(n, command, this.#status)];
  }

  /**
   * Does something that needs the session's directory. Where that has been emptied or removed, as its own user or whatever
   * cleans up temporary files may do, it is made anew: the shell lives on, only what it had saved is lost.
   */
  async #recovering<Done>(act: () => Promise<Done>): Promise<Done> {
    try {
      return await act();
    } catch {
      this.#workplace?.remove();
      this.#workplace = null;
    }
    return act().catch((cause: unknown) => {
      const details = `the terminal's shell cannot be reached (${reasonOf(cause)}); delete the session`;
      throw new GatewayError("conflict", { details, cause });
    });
  }

  /** Resolves when the command has ended, by itself or because it was told to. */
  async #run(shell: ResidentShell, n: number, line: string, signal: AbortSignal): Promise<CommandExit> {
    const since = thisMoment();
    if (signal.aborted) return { exitCode: 130 };
    const reported = new Promise<CommandExit>((done) => {
      this.#running = { n, done };
    });
    let stopping: Promise<void> | null = null;
    const stop = () => {
      stopping ??= this.#stop(shell, since);
      stopping.catch(() => {}); // it is waited for below, but not yet
    };
    signal.addEventListener("abort", stop, { once: true });
    shell.run(line);
    const exit = await Promise.race([reported, shell.ended]);
    signal.removeEventListener("abort", stop);
    await stopping;
    return exit;
  }

  /**
   * The shell is halted first: its child's end would let it go on to the next statement. Halted it cannot be asked to end,
   * and it may be a program by now (`exec`), so it is killed last. Older background jobs live on.
   */
  async #stop(shell: ResidentShell, since: Moment): Promise<void> {
    shell.signal("SIGSTOP");
    const own = () => this.processes().filter((each) => each.pid !== shell.pid && isAfter(each, since));
    await stopProcesses(own, { clock: this.#options.clock, graceMs: GRACE_MS });
    shell.signal("SIGKILL");
    await this.#endOf(shell);
  }

  /** The session's user can say all this too; he fools nobody but his own session. */
  #hear([word, number, status]: readonly string[]): void {
    const n = Number(number);
    if (word === "done" && n === this.#running?.n) this.#running.done(exitFrom(Number(status)));
    // It may be at the next command already when we hear of it.
    if (word === "saved" && (n === this.#count || n === this.#count - 1)) this.#workplace?.state.saved(n);
  }
}

function exitFrom(status: number): CommandExit {
  const exitCode = Number.isInteger(status) ? status : 1;
  const signal = signalOf(exitCode);
  return signal === undefined ? { exitCode } : { exitCode, signal };
}

function cannotStart({ exitCode }: CommandExit): GatewayError {
  if (exitCode === NO_SUCH_PLACE) return noSuchPlace();
  return new GatewayError("not_configured", { details: `the shell ended at once, with status ${exitCode}` });
}

/** The same whether the directory is there or not: that may be none of the session's user's business. */
export function noSuchPlace(): GatewayError {
  return new GatewayError("invalid_request", { param: "cwd", details: "cwd: no directory that the shell can go to" });
}
