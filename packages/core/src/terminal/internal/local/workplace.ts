import type { TerminalCommand } from "../../../spec/terminal.js";
import { FifoReader } from "./fifo.js";
import { REPORT_FD, ResidentShell } from "./resident-shell.js";
import type { RunAs } from "./run-as.js";
import { SavedState } from "./saved-state.js";
import { SessionFolder } from "./session-folder.js";
import { quoted, type ShellDialect } from "./shell-dialect.js";

/** What {@link Workplace} works with. */
export interface WorkplaceOptions {
  /** The directory in which the session gets its own. */
  readonly base: string;
  readonly dialect: ShellDialect;
  readonly runAs: RunAs | undefined;
  /** Takes what background jobs print after their command has ended. */
  onLateOutput?(bytes: Uint8Array): void;
}

/** A command that can be run at once. */
export interface PreparedCommand {
  /** What the shell is to run. */
  readonly line: string;
  /** The command has ended: resolves when all its output has been taken. */
  finish(): Promise<void>;
  /** Removes what only this command needed. */
  cleanUp(): void;
}

/** Where a session's shell and its commands find each other: pipes and files in a directory of the session's own. */
export class Workplace {
  readonly folder: SessionFolder;
  readonly state: SavedState;
  readonly #options: WorkplaceOptions;
  readonly #readers = new Set<FifoReader>();

  private constructor(options: WorkplaceOptions, folder: SessionFolder) {
    this.#options = options;
    this.folder = folder;
    this.state = new SavedState(folder, options.dialect);
  }

  /** Rejects with the system's own error, as everything here does; nothing is left then. */
  static async create(options: WorkplaceOptions): Promise<Workplace> {
    const folder = SessionFolder.create(options.base, options.runAs);
    try {
      await ResidentShell.prepare(folder);
      return new Workplace(options, folder);
    } catch (error) {
      folder.remove();
      throw error;
    }
  }

  /**
   * Makes what a command needs.
   * @param status - of the command before, which it finds in `$?`
   */
  async prepare(n: number, command: TerminalCommand, status: number): Promise<PreparedCommand> {
    const [out, err] = [await this.folder.takePipe(), await this.folder.takePipe()];
    const readers: FifoReader[] = [];
    const files: string[] = [];
    const write = (name: string, content: string | Uint8Array) => {
      const path = this.folder.write(`${name}.${n}`, content);
      files.push(path);
      return path;
    };
    try {
      readers.push(this.#reader(out, (bytes) => command.onOutput("stdout", bytes)));
      readers.push(this.#reader(err, (bytes) => command.onOutput("stderr", bytes)));
      const text = write("c", `${command.command}\n`);
      const input = command.stdin ? write("i", command.stdin) : "/dev/null";
      const changes = this.#changes(command);
      const line = this.#line(n, {
        body:
          changes === null ? this.#source(text) : `( ${this.#source(write("e", changes))} && ${this.#source(text)} )`,
        redirections: `>${quoted(out)} 2>${quoted(err)} <${quoted(input)} ${REPORT_FD}>&-`,
        status,
      });
      return {
        line,
        async finish() {
          await Promise.all(readers.map((reader) => reader.finish()));
        },
        cleanUp: () => files.forEach((path) => void this.folder.drop(path)),
      };
    } catch (error) {
      for (const reader of readers) reader.destroy();
      throw error;
    }
  }

  /** Hears no more of background jobs, and removes the directory. */
  remove(): void {
    for (const reader of this.#readers) reader.destroy();
    this.folder.remove();
  }

  #reader(pipe: string, take: (bytes: Buffer) => void | Promise<void>): FifoReader {
    const reader = new FifoReader(this.folder, pipe, {
      take,
      takeLate: (bytes) => this.#options.onLateOutput?.(bytes),
      onFree: () => {
        this.#readers.delete(reader);
        this.folder.giveBack(pipe);
      },
    });
    this.#readers.add(reader);
    return reader;
  }

  #source(path: string): string {
    const { listsAliases, builtin } = this.#options.dialect;
    return `${listsAliases ? "\\" : builtin}. ${quoted(path)}`;
  }

  /** What goes before a command that has a directory or variables of its own; null for nothing. */
  #changes({ cwd, env = {} }: TerminalCommand): string | null {
    const variables = Object.entries(env).map(([name, value]) => `\\export ${name}=${quoted(value)}`);
    const all = cwd === undefined ? variables : [`${this.#options.dialect.builtin}cd -- ${quoted(cwd)}`, ...variables];
    return all.length === 0 ? null : `${all.join(" &&\n")}\n`;
  }

  /**
   * The command from its file, a report of how it ended, then the snapshot. It is short whatever the command is, since it
   * goes through a pipe at once.
   */
  #line(
    n: number,
    { body, redirections, status }: Record<"body" | "redirections", string> & { status: number },
  ): string {
    const { builtin } = this.#options.dialect;
    const redirected = `${body} ${redirections}`;
    // The last status has to be set by a command that may fail, which `set -e` allows before ||.
    const run = status === 0 ? redirected : `__sluice_status ${status} || ${redirected}`;
    const report = (word: string) => `${builtin}printf '${word} ${n} %s\\n' "$?" >&${REPORT_FD}`;
    return `${run}; ${report("done")}\n${this.state.saving(n)} && ${report("saved")}`;
  }
}
