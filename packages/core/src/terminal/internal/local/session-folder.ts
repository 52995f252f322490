import { execFile } from "node:child_process";
import {
  type BigIntStats,
  chownSync,
  closeSync,
  constants,
  fchownSync,
  fstatSync,
  openSync,
  readSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { RunAs } from "./run-as.js";
import { folderIn } from "./session-base.js";

const run = promisify(execFile);

/** Names of pipes made at once: starting a process costs more than the pipes do. */
const BATCH = 8;

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;

/**
 * The private directory of one session: its pipes, its commands, its state. It belongs to the gateway's user, who makes
 * everything in it. The session's user may be another one: he reads and writes what was made for him, and can neither
 * remove it nor put anything beside it, so that no name in here leads anywhere else. Where both are the same user nothing
 * can be kept from him; what is opened is looked at all the same, and something else than what was made is an error.
 */
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

  /** Makes a directory that nobody else can look into. @throws the system's own error, as everything here does */
  static create(base: string, runAs: RunAs | undefined): SessionFolder {
    return new SessionFolder(folderIn(base, runAs !== undefined), runAs);
  }

  /** The path of something in it. */
  at(name: string): string {
    return join(this.path, name);
  }

  /** Makes a file for the session's user alone: his variables and commands are nobody else's to know. */
  write(name: string, content: string | Uint8Array = ""): string {
    const path = this.at(name);
    const file = openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    try {
      writeFileSync(file, content);
      if (this.#runAs) fchownSync(file, this.#runAs.uid, this.#runAs.gid);
    } finally {
      closeSync(file);
    }
    return path;
  }

  /** What the session's user has written into a file; null for more than `maxBytes`. */
  read(name: string, maxBytes: number): string | null {
    const file = this.#open(this.at(name), O_RDONLY, (stats) => stats.isFile());
    try {
      const bytes = Buffer.allocUnsafe(maxBytes + 1);
      const length = readSync(file, bytes);
      return length > maxBytes ? null : bytes.toString("utf8", 0, length);
    } finally {
      closeSync(file);
    }
  }

  /** Removes a file. */
  drop(path: string): void {
    try {
      rmSync(path, { force: true });
    } catch {
      // It goes with the directory.
    }
  }

  /** Makes named pipes; Node.js cannot. */
  async makePipes(names: readonly string[]): Promise<void> {
    const paths = names.map((name) => this.at(name));
    await run("mkfifo", ["-m", "600", "--", ...paths]);
    if (this.#runAs) for (const path of paths) chownSync(path, this.#runAs.uid, this.#runAs.gid);
  }

  /** Opens a named pipe without waiting for its other end. */
  openPipe(path: string, access: number): number {
    return this.#open(path, access, (stats) => stats.isFIFO());
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

  /** Removes it, as far as that can be done: its user may have done to it what he likes where he is the gateway's too. */
  remove(): void {
    try {
      rmSync(this.path, { recursive: true, force: true });
    } catch {
      // as said above
    }
  }

  #open(path: string, access: number, isRight: (stats: BigIntStats) => boolean): number {
    const file = openSync(path, access | O_NOFOLLOW | O_NONBLOCK);
    // In bigints: Node.js finds no package behind a link any more after it looked at a pipe in numbers (fs.realpathSync).
    if (isRight(fstatSync(file, { bigint: true }))) return file;
    closeSync(file);
    throw new Error(`${path} is not what was made there`);
  }

  async #makeMore(): Promise<void> {
    const names = Array.from({ length: BATCH }, () => `p${++this.#count}`);
    await this.makePipes(names);
    this.#free.push(...names.map((name) => this.at(name)));
  }
}
