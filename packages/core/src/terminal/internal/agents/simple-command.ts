/** What an unquoted word may be made of. Whatever else a shell might give a meaning to is not understood. */
const PLAIN = /^[A-Za-z0-9_./:,@%+=-]$/;
/** Characters that print as themselves: no controls, nothing invisible, nothing that turns the text around. */
const PRINTABLE = /^[\P{C}]*$/u;

/**
 * The words of one simple command: plain words, and quoted ones without anything to expand. Null for all else, such as
 * two commands, a pipe, a variable, a pattern, an assignment or a newline: what is not fully understood has no words.
 */
export function simpleCommand(text: string): readonly string[] | null {
  if (!PRINTABLE.test(text)) return null;
  const words: string[] = [];
  let word: string | null = null;
  for (let at = 0; at < text.length; at++) {
    const character = text[at] as string; // within the length
    if (character === " ") {
      if (word !== null) words.push(word);
      word = null;
    } else if (character === "'" || character === '"') {
      const end = text.indexOf(character, at + 1);
      const quoted = text.slice(at + 1, end);
      if (end < 0 || (character === '"' && /[$`\\!]/.test(quoted))) return null;
      word = (word ?? "") + quoted;
      at = end;
    } else {
      // zsh reads =name as the path of a program; an assignment would change what follows.
      if (!PLAIN.test(character) || (character === "=" && (word === null || words.length === 0))) return null;
      word = (word ?? "") + character;
    }
  }
  if (word !== null) words.push(word);
  return words.length > 0 && words[0] !== "" ? words : null;
}

/** The words as a shell takes them for nothing but words: no alias, function name or keyword is looked for in the first. */
export function quotedCommand(words: readonly string[]): string {
  return words.map(quoted).join(" ");
}

/** A word as a person would write it for a shell: in quotes where it needs them. */
export function shellWord(word: string): string {
  return word !== "" && /^[A-Za-z0-9_./:,@%+-]+$/.test(word) ? word : quoted(word);
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
