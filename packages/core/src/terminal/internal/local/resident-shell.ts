import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, constants, openSync, writeSync } from "node:fs";
import type { Socket } from "node:net";
import type { CommandExit } from "../../../spec/terminal.js";
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
  readonly cwd: string;
  readonly runAs: RunAs | undefined;
  readonly folder: SessionFolder;
}

/** Where the shell reports: a descriptor of its own, which no command of the user's inherits. */
export const REPORT_FD = 4;

type Report = (words: readonly string[]) => void;

/**
 * A shell that reads its script line by line from a named pipe and reports on a descriptor of its own. A script rather than
 * a loop: `break`, `return` and `declare` at the top of a command mean what they mean at the top of a script.
 */
export class ResidentShell {
  readonly pid: number;
  /** Resolves when the shell's process has ended. */
  readonly ended: Promise<CommandExit>;
  /** Takes what the shell reports, word by word. */
  onReport: Report = () => {};
  readonly #control: number;
  readonly #child: ChildProcess;
  #hasEnded = false;

  private constructor(child: ChildProcess, pid: number, control: number) {
    this.#child = child;
    this.pid = pid;
    this.#control = control;
    this.ended = new Promise((resolve) => {
      child.once("exit", (code, signal) => {
        this.#hasEnded = true;
        resolve(exitOfChild(code, signal));
      });
    });
    const reports = child.stdio[REPORT_FD] as Socket; // asked for as a pipe
    let text = "";
    reports.setEncoding("latin1");
    reports.on("data", (piece: string) => {
      const lines = (text + piece).split("\n");
      text = (lines.pop() ?? "").slice(-MAX_LINE);
      for (const line of lines) this.onReport(line.split(" "));
    });
    reports.on("error", () => reports.destroy());
  }

  /** Starts a shell. Rejects with the system's own error when it cannot be started. */
  static start({ shell, dialect, env, cwd, runAs, folder }: ShellSettings): Promise<ResidentShell> {
    const script = folder.at("control");
    // Open for both, so that opening waits for nobody; the shell sees the end when we close it, or are no more.
    const control = openSync(script, constants.O_RDWR | constants.O_NONBLOCK);
    const child = spawn(shell, [...dialect.args(script)], {
      cwd,
      env,
      ...runAs,
      detached: true, // a session of its own
      stdio: ["ignore", "ignore", "ignore", "ignore", "pipe"],
    });
    return new Promise((resolve, reject) => {
      child.once("error", (error) => {
        closeSync(control);
        reject(error);
      });
      child.once("spawn", () => {
        const started = new ResidentShell(child, child.pid ?? 0, control); // has one once it is spawned
        void started.ended.then(() => closeSync(control));
        resolve(started);
      });
    });
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Has the shell run a line, after those before. */
  run(line: string): void {
    if (!this.#hasEnded) writeSync(this.#control, `${line}\n`);
  }

  /** Signals the shell alone. */
  signal(signal: NodeJS.Signals): void {
    if (!this.#hasEnded) this.#child.kill(signal);
  }
}

const MAX_LINE = 256;
