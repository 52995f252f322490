/**
 * Puts a text into a remote shell's command line as one word: POSIX shells read everything between single quotes as it
 * is, and a single quote itself is written outside of them.
 */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** What a command wants besides its text. */
export interface CommandPlace {
  readonly cwd: string | undefined;
  readonly env: Readonly<Record<string, string>> | undefined;
}

/**
 * The command line for a remote host. Without a directory or variables it is the command itself, so that hosts without
 * a POSIX shell, such as switches, get what they know. SSH has a message for variables, but servers drop most of them.
 */
export function remoteCommand(command: string, { cwd, env = {} }: CommandPlace): string {
  const variables = Object.entries(env).map(([name, value]) => `export ${name}=${shellWord(value)}\n`);
  const directory = cwd === undefined ? "" : `cd -- ${shellWord(cwd)} || exit\n`;
  return variables.join("") + directory + command;
}
