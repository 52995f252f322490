import { readFileSync } from "node:fs";
import { type ParseError, parse, printParseErrorCode } from "jsonc-parser";
import { ConfigError } from "./config-error.js";

/**
 * Reads a configuration file: JSON with comments and trailing commas.
 * @throws ConfigError naming file, line and column
 */
export function readConfigFile(file: string): Readonly<Record<string, unknown>> {
  const text = readText(file);
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { allowTrailingComma: true });
  const [error] = errors;
  if (error) {
    const before = text.slice(0, error.offset).split("\n");
    const at = `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
    throw new ConfigError(`${file} is not valid JSON: ${words(printParseErrorCode(error.error))} at ${at}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ConfigError(`${file} must hold a JSON object`);
  }
  return value as Record<string, unknown>; // a JSON object has string keys
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8").replace(/^\uFEFF/, ""); // some editors on Windows begin every file with it
  } catch (error) {
    throw new ConfigError(`${file} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

/** `close brace expected` for `CloseBraceExpected`. */
function words(code: string): string {
  return code.replace(/(?!^)[A-Z]/g, " $&").toLowerCase();
}
