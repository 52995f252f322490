import type { SessionFolder } from "./session-folder.js";
import { aliasCommands, quoted, type ShellDialect } from "./shell-dialect.js";

/** Files that are written in turn: the last that was saved whole is never the one that is being written. */
const FILES = 3;
const MAX_ALIAS_BYTES = 1024 * 1024;

/** What a shell has written down of its state, for the shell that takes its place. */
export class SavedState {
  readonly #folder: SessionFolder;
  readonly #dialect: ShellDialect;
  readonly #snapshot: string;
  #last: number | null = null;

  /** Makes the files: the shell's user may not make any. @throws the system's error */
  constructor(folder: SessionFolder, dialect: ShellDialect) {
    this.#folder = folder;
    this.#dialect = dialect;
    this.#snapshot = folder.write("snapshot", `${dialect.snapshot}\n`);
    for (let n = 0; n < FILES; n++) {
      folder.write(stateOf(n));
      if (dialect.listsAliases) folder.write(aliasesOf(n));
    }
  }

  /** Makes the shell save its state after its n-th command; it fails where it cannot. */
  saving(n: number): string {
    const into = (name: string) => `>|${quoted(this.#folder.at(name))}`;
    const aliases = this.#dialect.listsAliases ? `\\command alias ${into(aliasesOf(n))}; ` : "";
    return `${aliases}\\. ${quoted(this.#snapshot)} ${into(stateOf(n))}`;
  }

  /** The shell has saved it after its n-th command. */
  saved(n: number): void {
    this.#last = n;
  }

  /** It is not to be brought back. */
  forget(): void {
    this.#last = null;
  }

  /** What brings it back, line by line. */
  restoring(): readonly string[] {
    if (this.#last === null) return [];
    const { builtin, listsAliases } = this.#dialect;
    const state = `${builtin}. ${quoted(this.#folder.at(stateOf(this.#last)))}`;
    return listsAliases ? [state, ...this.#aliases(this.#last)] : [state];
  }

  #aliases(n: number): readonly string[] {
    const listing = this.#folder.read(aliasesOf(n), MAX_ALIAS_BYTES);
    if (listing === null) return [];
    this.#folder.drop(this.#folder.at("aliases"));
    return [`\\. ${quoted(this.#folder.write("aliases", aliasCommands(listing)))}`];
  }
}

function stateOf(n: number): string {
  return `state.${n % FILES}`;
}

function aliasesOf(n: number): string {
  return `aliases.${n % FILES}`;
}
