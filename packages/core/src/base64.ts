const OTHER = /[^A-Za-z0-9+/]/;
const GROUP = 4;

/**
 * Whether a text is base64 (RFC 4648 4), padded or not. Looks for what does not belong there: an expression for the whole
 * text runs out of stack at some megabytes.
 */
export function isBase64(text: string): boolean {
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const digits = padding === 0 ? text : text.slice(0, -padding);
  if (OTHER.test(digits)) return false;
  const rest = digits.length % GROUP;
  return padding === 0 ? rest !== 1 : rest + padding === GROUP;
}
