const MARK = "[redacted]";
/** Shorter ones, and shorter beginnings, cannot be told from ordinary text. */
const MIN_LENGTH = 8;

/** Puts a mark in the place of secrets in a text, and of the beginning of one where the text was cut off in it. */
export function concealing(values: readonly string[]): (text: string) => string {
  const secrets = values.filter(({ length }) => length >= MIN_LENGTH);
  return (text) => secrets.reduce((rest, secret) => withoutBeginning(rest.replaceAll(secret, MARK), secret), text);
}

function withoutBeginning(text: string, secret: string): string {
  const end = text.endsWith("…") ? text.length - 1 : text.length;
  for (let length = Math.min(secret.length, end); length >= MIN_LENGTH; length--) {
    if (text.startsWith(secret.slice(0, length), end - length)) return `${text.slice(0, end - length)}${MARK}`;
  }
  return text;
}
