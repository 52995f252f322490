import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, constants, writeSync } from "node:fs";
import type { Socket } from "node:net";
import type { CommandExit } from "../../../spec/terminal.js";
import { launching, type SessionLimits } from "./launch.js";
import type { RunAs } from "./run-as.js";
import type { SessionFolder } from "./session-folder.js";
import type { ShellDialect } from "./shell-dialect.js";
import { exitOfChild } from "./signals.js";

/** What a shell runs as. */
export interface ShellSettings {
  /** Path of the shell. */
  readonly shell: string;
  readonly dialect: ShellDialect;
  readonly env: Readonly<Record<string, string>>;
  readonly runAs: RunAs | undefined;
  readonly limits: SessionLimits;
}

/** Where a shell starts. */
export interface Place {
  readonly cwd: string;
  /** Where it starts when its user cannot go there. @defaultValue nowhere */
  readonly otherwise?: string;
}

/** Where the shell reports: a descriptor of its own, which no command of the user's inherits. */
export const REPORT_FD = 4;

type Report = (words: readonly string[]) => void;

const CONTROL = "control";
const READY = "ready";
const MAX_LINE = 256;

/**
 * A shell that reads its script line by line from a named pipe and reports on a descriptor of its own. A script rather than
 * a loop: `break`, `return` and `declare` at the top of a command mean what they mean at the top of a script.
 */
export class ResidentShell {
  readonly pid: number;
  /** Resolves when the shell's process has ended, or is given up. */
  readonly ended: Promise<CommandExit>;
  /** Resolves when the shell takes commands. */
  readonly ready: Promise<void>;
  /** Takes what the shell reports, word by word. */
  onReport: Report = () => {};
  readonly #control: number;
  readonly #child: ChildProcess;
  #end: (exit: CommandExit) => void = () => {};
  #hasEnded = false;

  private constructor(child: ChildProcess, pid: number, control: number) {
    this.#child = child;
    this.pid = pid;
    this.#control = control;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    let isReady = () => {};
    this.ready = new Promise((resolve) => {
      isReady = resolve;
    });
    child.once("exit", (code, signal) => this.#finish(exitOfChild(code, signal)));
    const reports = child.stdio[REPORT_FD] as Socket; // asked for as a pipe
    let text = "";
    reports.setEncoding("latin1");
    reports.on("data", (piece: string) => {
      const lines = (text + piece).split("\n");
      text = (lines.pop() ?? "").slice(-MAX_LINE);
      for (const line of lines) {
        if (line === READY) isReady();
        else this.onReport(line.split(" "));
      }
    });
    reports.on("error", () => reports.destroy());
  }

  /** Makes what a shell in a session's directory needs. Rejects with the system's own error. */
  static prepare(folder: SessionFolder): Promise<void> {
    return folder.makePipes([CONTROL]);
  }

  /** Starts a shell. Rejects with the system's own error when it cannot be started. */
  static start(
    { shell, dialect, env, runAs, limits }: ShellSettings,
    folder: SessionFolder,
    place: Place,
  ): Promise<ResidentShell> {
    const script = folder.at(CONTROL);
    // Open for both, so that opening waits for nobody; the shell sees the end when we close it, or are no more.
    const control = folder.openPipe(script, constants.O_RDWR);
    const [program, args] = launching({ ...place, limits }, [shell, dialect.args(script)]);
    const child = spawn(program, args, {
      cwd: "/",
      env,
      ...runAs,
      detached: true, // a session of its own
      stdio: ["ignore", "ignore", "ignore", "ignore", "pipe"],
    });
    return new Promise((resolve, reject) => {
      let started: ResidentShell | null = null;
      child.on("error", (error) => {
        if (started !== null) return; // it could not be signalled, such as one that has become another user's
        closeSync(control);
        reject(error);
      });
      child.once("spawn", () => {
        started = new ResidentShell(child, child.pid ?? 0, control); // has one once it is spawned
        started.run(dialect.init);
        started.run(`${dialect.builtin}printf '${READY}\\n' >&${REPORT_FD}`);
        resolve(started);
      });
    });
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Has the shell run a line, after those before. */
  run(line: string): void {
    if (this.#hasEnded) return;
    const bytes = Buffer.from(`${line}\n`);
    if (written(this.#control, bytes) < bytes.length) this.signal("SIGKILL"); // it does not read, and would read half of it
  }

  /** Signals the shell alone. */
  signal(signal: NodeJS.Signals): void {
    if (!this.#hasEnded) this.#child.kill(signal);
  }

  /** It cannot be ended, and is left to itself. */
  giveUp(): void {
    this.#finish({ exitCode: 137, signal: "SIGKILL" });
    this.#child.unref();
    (this.#child.stdio[REPORT_FD] as Socket).destroy(); // as above
  }

  #finish(exit: CommandExit): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    closeSync(this.#control);
    this.#end(exit);
  }
}

/** How much of it a pipe took. */
function written(pipe: number, bytes: Buffer): number {
  try {
    return writeSync(pipe, bytes);
  } catch {
    return 0; // full
  }
}
