/** The configuration stops the start. Its message is one line that names the key and never its value. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}
