/** Programs that run what they are told to in words or files: with them a rule would allow anything. */
const RUN_ANYTHING = new Set(
  [
    "ash bash csh dash fish ksh sh tcsh zsh rbash busybox toybox",
    "awk gawk mawk nawk sed ed ex perl php python ruby lua node deno bun tclsh expect Rscript R julia java jshell ghci",
    "npm npx pnpm pnpx yarn corepack pip pipx uv uvx poetry conda gem bundle cargo go rustup composer brew apt apt-get dpkg",
    "rpm dnf yum apk pacman snap make gmake cmake ninja gradle mvn ant bazel just rake",
    "env xargs parallel sudo doas su runuser setpriv chroot unshare nsenter nice ionice nohup timeout time stdbuf setsid",
    "strace ltrace gdb script watch flock exec eval source command builtin trap alias coproc . : export declare typeset",
    "ssh scp sftp rsync telnet nc ncat socat curl wget docker podman kubectl systemctl systemd-run at batch crontab",
    "vi vim nvim view emacs nano less more man info tmux screen open xdg-open entr ld.so gcc g++ cc c++ clang ld",
    "psql mysql sqlite3 redis-cli mongosh ftp lftp tcpdump nmap zip openssl run-parts start-stop-daemon pkexec chrt taskset",
  ].flatMap((line) => line.split(" ")),
);
/** Interpreters carry their version in their name. */
const VERSIONED = /^(?:python|ruby|perl|node|php|lua|pip|java)\d[\d.]*$/;

/** Of git only what reads. */
const GIT_READS = new Set(
  [
    "status diff log show rev-parse rev-list ls-files ls-tree cat-file blame describe shortlog",
    "merge-base name-rev for-each-ref grep count-objects diff-tree diff-index whatchanged cherry var version",
  ].flatMap((line) => line.split(" ")),
);

/** And these, as long as they list. */
const GIT_LISTS = new Set(["branch", "tag", "remote"]);
const LISTING =
  /^(?:-[alnrv]+|--(?:list|all|remotes|verbose|show-current|column|(?:sort|format|contains|merged|points-at)=?))$/;

/** Flags by which a program that is harmless otherwise runs others, or writes where it is told to. */
const DANGEROUS_FLAGS: Readonly<Record<string, RegExp>> = {
  git: /^(?:-c|-C|--exec-path|--config-env|--git-dir|--work-tree|-O|--open-files-in-pager|--ext-diff|--textconv|--output|--upload-pack|--receive-pack|-p|--paginate|--pager)(?:=|$)/,
  find: /^-(?:exec|execdir|ok|okdir|delete|fprint|fprint0|fprintf|fls|files0-from)$/,
  tar: /^(?:--to-command|--checkpoint-action|--use-compress-program|-I|--rsh-command|--rmt-command|--info-script|--new-volume-script|-F)(?:=|$)/,
  sort: /^(?:--compress-program|-o|--output|-T|--temporary-directory)(?:=|$)/,
  rg: /^(?:--pre|--pre-glob|--hostname-bin|--search-zip|-z)(?:=|$)/,
  fd: /^(?:-x|-X|--exec|--exec-batch)(?:=|$)/,
  date: /^(?:-s|--set|-f|--file)(?:=|$)/,
  tree: /^(?:-o|-R)$/,
};

/** Why no rule may allow a command that begins with these words and may have these flags, in words; null where one may. */
export function whyNeverAllowed(words: readonly string[], flags: readonly string[], operands: boolean): string | null {
  const [program = "", ...rest] = [...words, ...flags];
  const name = program.slice(program.lastIndexOf("/") + 1);
  if (program.includes("/") && !program.startsWith("/")) return "a program is named by its name or its whole path";
  if (RUN_ANYTHING.has(name) || VERSIONED.test(name)) return `${name} runs whatever it is told to`;
  if (name === "git" && !isReading(rest, operands)) return "of git only commands that read may be allowed";
  const dangerous = rest.find((word) => isDangerousFlag(name, word));
  return dangerous === undefined ? null : `${name} ${dangerous} runs other programs or writes`;
}

function isReading([command = "", ...rest]: readonly string[], operands: boolean): boolean {
  if (!GIT_LISTS.has(command)) return GIT_READS.has(command);
  return !operands && rest.every((word) => LISTING.test(word));
}

/** Whether a flag makes a program run others or write where it is told to, also glued to its value, as `-ofile`. */
function isDangerousFlag(name: string, word: string): boolean {
  const flags = DANGEROUS_FLAGS[name];
  if (flags === undefined) return false;
  return flags.test(word) || (/^-[^-]./.test(word) && name !== "find" && flags.test(word.slice(0, 2)));
}
