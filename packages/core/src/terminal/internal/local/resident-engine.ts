import { existsSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import type { Clock } from "../../../clock.js";
import type { CommandExit, TerminalCommand } from "../../../spec/terminal.js";
import { FifoReader } from "./fifo.js";
import { isAfter, type Moment, type ProcessEntry, processesOf, thisMoment } from "./process-set.js";
import { REPORT_FD, ResidentShell, type ShellSettings } from "./resident-shell.js";
import { aliasCommands, quoted } from "./shell-dialect.js";
import { signalOf } from "./signals.js";
import { stopProcesses } from "./stop-processes.js";

/** What {@link ResidentEngine} works with. */
export interface EngineOptions extends ShellSettings {
  /** What every process of the session carries in its environment. */
  readonly mark: string;
  readonly clock: Clock;
  /** Takes what background jobs print after their command has ended. */
  onLateOutput?(bytes: Uint8Array): void;
}

/** How long a command has to end by itself once it is asked to. */
const GRACE_MS = 500;

/**
 * Runs commands one after the other in one shell that lives on between them. After each the shell writes its state down,
 * so that another shell can take its place when a command ends it (`exit`, `exec`, a time-out).
 */
export class ResidentEngine {
  readonly #options: EngineOptions;
  readonly #sessions = new Set<number>();
  readonly #readers = new Set<FifoReader>();
  #shell: ResidentShell | null = null;
  #status = 0;
  #count = 0;
  #running: { readonly n: number; readonly done: (exit: CommandExit) => void } | null = null;
  #cwd: string | null = null;
  #closed = false;

  constructor(options: EngineOptions) {
    this.#options = options;
    options.folder.write("snapshot", `${options.dialect.snapshot}\n`);
  }

  /** Every process of this session: of its shells, present and past, and whatever they started. */
  processes(): readonly ProcessEntry[] {
    return processesOf(this.#sessions, this.#options.mark);
  }

  /** Where the shell stands, which a shell that takes its place is told; null where the system does not say. */
  get cwd(): string | null {
    return this.#cwd;
  }

  /** Starts the shell, so that the first command need not wait, and a shell that cannot be started is noticed. */
  async open(): Promise<void> {
    await this.#living();
    this.#lookWhere();
  }

  /** Runs one command. Call it again only after it has resolved. */
  async execute(command: TerminalCommand): Promise<CommandExit> {
    const { folder } = this.#options;
    const shell = await this.#living();
    const n = ++this.#count;
    const [out, err] = [await folder.takePipe(), await folder.takePipe()];
    const stdout = this.#reader(out, (bytes) => command.onOutput("stdout", bytes));
    const stderr = this.#reader(err, (bytes) => command.onOutput("stderr", bytes));
    const text = folder.write(`c.${n}`, `${command.command}\n`);
    const input = command.stdin ? folder.write(`i.${n}`, command.stdin) : "/dev/null";
    const paths = { text, out, err, input };
    try {
      const exit = await this.#run(shell, n, this.#line(n, paths, command), command.signal);
      this.#status = exit.exitCode;
      this.#lookWhere();
      await Promise.all([
        stdout.finish(() => this.#release(stdout, out)),
        stderr.finish(() => this.#release(stderr, err)),
      ]);
      return exit;
    } finally {
      rmSync(text, { force: true });
      if (command.stdin) rmSync(input, { force: true });
    }
  }

  /** Forgets the state and starts afresh; background jobs end too. */
  async restart(): Promise<void> {
    await this.#stopAll();
    for (const name of ["state", "aliases"]) rmSync(this.#options.folder.at(name), { force: true });
    this.#status = 0;
    await this.#living();
    this.#lookWhere();
  }

  /** Ends every process of the session. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#stopAll();
    for (const reader of this.#readers) reader.destroy();
  }

  async #stopAll(): Promise<void> {
    this.#shell?.signal("SIGHUP");
    await stopProcesses(() => this.processes(), { clock: this.#options.clock, graceMs: GRACE_MS, ask: "SIGHUP" });
    await this.#shell?.ended;
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

  #reader(pipe: string, take: (bytes: Buffer) => void | Promise<void>): FifoReader {
    const reader = new FifoReader(pipe, take, (bytes) => this.#options.onLateOutput?.(bytes));
    this.#readers.add(reader);
    return reader;
  }

  #release(reader: FifoReader, pipe: string): void {
    this.#readers.delete(reader);
    this.#options.folder.giveBack(pipe);
  }

  /** The shell as it is, or another one with the state of the last. */
  async #living(): Promise<ResidentShell> {
    if (this.#shell && !this.#shell.hasEnded) return this.#shell;
    const { dialect, folder } = this.#options;
    const shell = await ResidentShell.start(this.#options);
    this.#shell = shell;
    shell.onReport = (words) => this.#hear(words);
    this.#sessions.add(shell.pid);
    if (this.#closed) {
      shell.signal("SIGKILL");
      await shell.ended;
    }
    shell.run(dialect.init);
    if (existsSync(folder.at("state"))) shell.run(`${dialect.builtin}. ${quoted(folder.at("state"))}`);
    if (dialect.listsAliases && existsSync(folder.at("aliases"))) {
      const commands = aliasCommands(readFileSync(folder.at("aliases"), "utf8"));
      shell.run(`\\. ${quoted(folder.write("aliases.sh", commands))}`);
    }
    return shell;
  }

  /** What the shell is to run: the command from its file, a report of how it ended, then the snapshot. */
  #line(n: number, paths: Record<"text" | "out" | "err" | "input", string>, { cwd, env }: TerminalCommand): string {
    const { dialect, folder } = this.#options;
    const source = `${dialect.listsAliases ? "\\" : dialect.builtin}. ${quoted(paths.text)}`;
    const changes = [
      ...(cwd === undefined ? [] : [`${dialect.builtin}cd -- ${quoted(cwd)}`]),
      ...Object.entries(env ?? {}).map(([name, value]) => `\\export ${name}=${quoted(value)}`),
    ];
    const body = changes.length === 0 ? source : `( ${[...changes, source].join(" && ")} )`;
    const redirected = `${body} >${quoted(paths.out)} 2>${quoted(paths.err)} <${quoted(paths.input)} ${REPORT_FD}>&-`;
    // The last status has to be set by a command that may fail, which `set -e` allows before ||.
    const run = this.#status === 0 ? redirected : `__sluice_status ${this.#status} || ${redirected}`;
    const report = (word: string) => `${dialect.builtin}printf '${word} ${n} %s\\n' "$?" >&${REPORT_FD}`;
    // Each into a file of its own: when we hear of it, the shell may already be at the next.
    const aliases = dialect.listsAliases ? `\\command alias >|${quoted(folder.at(`aliases.${n}`))}; ` : "";
    const snapshot = `\\. ${quoted(folder.at("snapshot"))} >|${quoted(folder.at(`state.${n}`))}`;
    return `${run}; ${report("done")}\n${aliases}${snapshot}; ${report("saved")}`;
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
    await shell.ended;
  }

  #hear([word, number, status]: readonly string[]): void {
    const n = Number(number);
    if (word === "done" && n === this.#running?.n) this.#running.done(exitFrom(Number(status)));
    if (word === "saved") this.#keepState(n);
  }

  #keepState(n: number): void {
    const { folder, dialect } = this.#options;
    folder.replace(`state.${n}`, "state");
    if (dialect.listsAliases) folder.replace(`aliases.${n}`, "aliases");
  }
}

function exitFrom(exitCode: number): CommandExit {
  const signal = signalOf(exitCode);
  return signal === undefined ? { exitCode } : { exitCode, signal };
}
