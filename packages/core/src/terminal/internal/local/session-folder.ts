import { execFile } from "node:child_process";
import { chownSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { RunAs } from "./run-as.js";

const run = promisify(execFile);

/** Names of pipes made at once: starting a process costs more than the pipes do. */
const BATCH = 8;

/** The private directory of one session: its pipes, its commands, its state. */
export class SessionFolder {
  readonly path: string;
  readonly #runAs: RunAs | undefined;
  #free: string[] = [];
  #count = 0;
  #making: Promise<void> | null = null;

  private constructor(path: string, runAs: RunAs | undefined) {
    this.path = path;
    this.#runAs = runAs;
  }

  /** Makes a directory that only its user can look into. */
  static async create(base: string, runAs: RunAs | undefined): Promise<SessionFolder> {
    const path = mkdtempSync(join(base, "s"));
    if (runAs) chownSync(path, runAs.uid, runAs.gid);
    const folder = new SessionFolder(path, runAs);
    await folder.makePipes(["control"]);
    return folder;
  }

  /** The path of something in it. */
  at(name: string): string {
    return join(this.path, name);
  }

  /** Writes a file that only the session's user can read: his variables and commands are nobody else's to know. */
  write(name: string, content: string | Uint8Array): string {
    const path = this.at(name);
    writeFileSync(path, content, { mode: 0o600 });
    if (this.#runAs) chownSync(path, this.#runAs.uid, this.#runAs.gid);
    return path;
  }

  /**
   * Puts one file in the place of another, at once. Where that cannot be done the other one stays: its user may do to the
   * directory what he likes, and it may be removed already.
   */
  replace(from: string, to: string): void {
    try {
      renameSync(this.at(from), this.at(to));
    } catch {
      // as said above
    }
  }

  /** Makes named pipes; Node.js cannot. */
  async makePipes(names: readonly string[]): Promise<void> {
    const paths = names.map((name) => this.at(name));
    await run("mkfifo", ["-m", "600", "--", ...paths], { ...this.#runAs });
  }

  /** A pipe that nobody uses. Give it back with {@link giveBack}. */
  async takePipe(): Promise<string> {
    for (;;) {
      const free = this.#free.pop();
      if (free !== undefined) return free;
      this.#making ??= this.#makeMore().finally(() => {
        this.#making = null;
      });
      await this.#making;
    }
  }

  /** Takes a pipe back that nobody reads or writes any more. */
  giveBack(pipe: string): void {
    this.#free.push(pipe);
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }

  async #makeMore(): Promise<void> {
    const names = Array.from({ length: BATCH }, () => `p${++this.#count}`);
    await this.makePipes(names);
    this.#free.push(...names.map((name) => this.at(name)));
  }
}
