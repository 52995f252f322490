import type { Logger } from "../spec/logger.js";

const MASK = "********";
/** Shorter ones cannot be told from ordinary text. */
const MIN_LENGTH = 8;
/** The latest count: somebody who changes a key all day must not fill the memory. */
const MAX_KNOWN = 10_000;

/** Shorter ones may stand in a text that has nothing to do with them. */
const MIN_TELLING = 12;

/** Whether one of some secrets stands in a text, short ones passed over. */
export function holdsSecret(text: string, secrets: Iterable<string>): boolean {
  for (const secret of secrets) if (secret.length >= MIN_TELLING && text.includes(secret)) return true;
  return false;
}

/** The secrets that have come in at run time, to keep them out of the log as the last resort. */
export class KnownSecrets {
  readonly #known = new Set<string>();

  /** Takes every text in a value. */
  add(secrets: unknown): void {
    if (typeof secrets === "string") this.#addText(secrets);
    else if (typeof secrets === "object" && secrets !== null) for (const each of Object.values(secrets)) this.add(each);
  }

  /** Whether one of them stands in a text; only such as could not stand there by chance. */
  isIn(text: string): boolean {
    return holdsSecret(text, this.#known);
  }

  /** The text without any of them. */
  mask(text: string): string {
    let masked = text;
    for (const secret of this.#known) masked = masked.replaceAll(secret, MASK);
    return masked;
  }

  /** A logger that masks them in messages, texts and errors. One that throws fails nobody: much is logged in timers. */
  guard(logger: Logger): Logger {
    const at = (level: keyof Logger) => (fields: object, message: string) => {
      try {
        logger[level](this.#clean(fields), this.mask(message));
      } catch {
        // there is nowhere left to tell it
      }
    };
    return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
  }

  #addText(text: string): void {
    if (text.length < MIN_LENGTH) return;
    this.#known.add(text);
    const [oldest] = this.#known.size > MAX_KNOWN ? this.#known : [];
    if (oldest !== undefined) this.#known.delete(oldest);
  }

  #clean<Fields extends object>(fields: Fields): Fields {
    if (this.#known.size === 0) return fields;
    const clean = Object.entries(fields).map(([name, value]) => [name, this.#cleanValue(value)]);
    return Object.fromEntries(clean) as Fields; // the same fields
  }

  #cleanValue(value: unknown): unknown {
    if (typeof value === "string") return this.mask(value);
    if (!(value instanceof Error)) return value;
    const text = `${value.message}\n${value.stack ?? ""}`;
    if (this.mask(text) === text) return value;
    const error = new Error(this.mask(value.message));
    error.name = value.name;
    error.stack = this.mask(value.stack ?? "");
    return error;
  }
}
