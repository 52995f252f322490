import { basename } from "node:path";

/** What differs between the shells that run commands. The texts must work whatever the user has set, renamed or aliased. */
export interface ShellDialect {
  /** Arguments that start the shell on a script, without any file of the user's. */
  args(script: string): readonly string[];
  /** Says that the shell's own command is meant, not a function or an alias of its name. */
  readonly builtin: string;
  /** The start of every shell. */
  readonly init: string;
  /** Prints text that brings the state back, in an order in which no line depends on a later one. */
  readonly snapshot: string;
  /** Whether aliases are listed in a form that has to be made into commands; they are in a file of their own then. */
  readonly listsAliases: boolean;
}

/** Called before a command that follows a failed one, so that it finds the status in `$?`. */
const STATUS = '__sluice_status() { return "$1"; }';

/** Brings the directory back; options that would end or silence the shell itself are not brought back. */
const LAST = ['__sluice_old="${OLDPWD-}"', 'cd -- "$PWD"', 'OLDPWD="$__sluice_old"', "unset __sluice_old"].join("; ");

const bash: ShellDialect = {
  args: (script) => ["--norc", "--noprofile", script],
  builtin: "\\builtin ",
  init: `shopt -s expand_aliases; ${STATUS}`,
  // No pipes and no $(…): a snapshot after each command must not start processes.
  snapshot: [
    "\\builtin shopt -p",
    "\\builtin declare -p",
    "\\builtin declare -f",
    "\\builtin declare -F",
    "\\builtin umask -p",
    `\\builtin echo '\\builtin ${LAST}'`,
    "\\builtin alias -p",
    "\\builtin set +o",
    "\\builtin echo '\\builtin set +e +x +v'",
  ].join("\n"),
  listsAliases: false,
};

const zsh: ShellDialect = {
  args: (script) => ["-f", script],
  builtin: "\\builtin ",
  init: `zmodload zsh/parameter; typeset -gA __sluice_base; __sluice_base=("\${(@kv)options}"); ${STATUS}`,
  snapshot: `() {
  \\builtin local -A __sluice_options
  __sluice_options=("\${(@kv)options}")
  \\builtin emulate -L zsh
  \\builtin setopt extendedglob
  \\builtin local __sluice_name
  for __sluice_name in \${(k)parameters}; do
    [[ $__sluice_name == (__sluice_*|[^A-Za-z_]*|_) ]] && continue
    [[ \${parameters[$__sluice_name]} == *(readonly|local|hide)* ]] && continue
    [[ \${parameters[$__sluice_name]} == *special* && $__sluice_name != (PATH|IFS|PWD|OLDPWD|HOME|TERM|TZ|LANG|LC_*|CDPATH|FPATH) ]] && continue
    \\builtin typeset -p $__sluice_name
  done
  \\builtin typeset -f
  \\builtin printf 'umask '
  \\builtin umask
  \\builtin print -r -- '\\builtin ${LAST}'
  \\builtin alias -L
  for __sluice_name in \${(k)__sluice_options}; do
    [[ $__sluice_name == (errexit|xtrace|verbose|exec) ]] && continue
    [[ \${__sluice_options[$__sluice_name]} == \${__sluice_base[$__sluice_name]} ]] && continue
    [[ \${__sluice_options[$__sluice_name]} == on ]] && \\builtin print -r -- "\\\\builtin setopt $__sluice_name"
    [[ \${__sluice_options[$__sluice_name]} == off ]] && \\builtin print -r -- "\\\\builtin unsetopt $__sluice_name"
  done
  \\builtin true
}`,
  listsAliases: false,
};

const posix: ShellDialect = {
  args: (script) => [script],
  builtin: "\\command ",
  init: STATUS,
  snapshot: [
    "\\set",
    "\\export -p",
    "\\readonly -p",
    "\\command printf 'umask '",
    "\\command umask",
    `\\command printf '%s\\n' '\\command ${LAST}'`,
    "\\set +o",
    "\\command printf '%s\\n' '\\set +e +x +v'",
  ].join("\n"),
  listsAliases: true,
};

/** The dialect of a shell, by its file's name. */
export function dialectOf(shell: string): ShellDialect {
  const name = basename(shell);
  if (name === "bash") return bash;
  return name === "zsh" ? zsh : posix;
}

/** A text as one word of any of the shells. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** What `alias` of a POSIX shell prints, made into commands; a line that continues a value stays as it is. */
export function aliasCommands(listing: string): string {
  let open = false;
  const lines = listing.split("\n").map((line) => {
    const starts = !open && line !== "";
    open = endsOpen(line, open);
    return starts ? `\\command alias ${line}` : line;
  });
  return lines.join("\n");
}

/** Whether a line ends within single quotes. Within double quotes stand only single ones: `"'"`. */
function endsOpen(line: string, open: boolean): boolean {
  const quotes = line.replaceAll(`"'"`, "").split("'").length - 1;
  return quotes % 2 === 1 ? !open : open;
}
