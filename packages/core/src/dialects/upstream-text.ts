const MAX_LENGTH = 500;

/** Shapes of secrets, as a provider may quote them back: keys, bearer tokens, JWTs. */
const SECRETS = /\b(?:sk|slc|pk|rk|key)[-_][\w*.-]{6,}|\bBearer\s+\S+|\beyJ[\w-]+\.[\w-]+\.[\w-]*/gi;

/** An upstream's words made fit to pass on: one line, bounded, without anything that looks like a secret. */
export function upstreamText(text: string): string {
  const line = text
    .slice(0, MAX_LENGTH * 4)
    .replace(/\p{Cc}+/gu, " ")
    .replace(SECRETS, "[redacted]")
    .trim();
  return line.length > MAX_LENGTH ? `${line.slice(0, MAX_LENGTH)}…` : line;
}
