/** The configuration stops the start. Its message is one line that names the key and never its value. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";

  constructor(message: string) {
    super(oneLine(message));
  }
}

/** A key may be any text, and must not break the line it is named in. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]/gu, (character) => JSON.stringify(character).slice(1, -1));
}
