import type { IncomingHttpHeaders } from "node:http";
import type { ReplyHeaders } from "../upstream/reply.js";

/** Headers that hold a secret, or say whose account it is. */
const SECRET_HEADERS = new Set([
  "authorization",
  "proxy-authorization",
  "x-api-key",
  "api-key",
  "x-goog-api-key",
  "cookie",
  "set-cookie",
  "openai-organization",
  "openai-project",
  "anthropic-organization-id",
]);
const SECRET_PARAMETERS = ["key", "api_key", "api-key", "access_token", "token"];
/** What is shorter is a placeholder, such as local servers take for a key, and would hit the words of an answer. */
const MIN_SECRET_LENGTH = 6;
const REDACTED = "[redacted]";

/** Learns the secrets of requests and takes them out of what is kept. */
export class Redactor {
  readonly #secrets = new Set<string>();

  /** Learns the values of all headers that hold secrets. */
  learnHeaders(headers: IncomingHttpHeaders): void {
    for (const [name, value] of Object.entries(headers)) {
      if (!SECRET_HEADERS.has(name.toLowerCase())) continue;
      for (const each of [value ?? []].flat()) {
        this.#learn(each);
        if (name.toLowerCase().endsWith("authorization")) this.#learn(each.replace(/^\S+\s+/, "")); // without "Bearer"
      }
    }
  }

  /** Learns the keys that stand in a path's query. */
  learnPath(path: string): void {
    const parameters = new URLSearchParams(path.split("?")[1] ?? "");
    for (const name of SECRET_PARAMETERS) for (const value of parameters.getAll(name)) this.#learn(value);
  }

  /** The headers without those that hold secrets, and without secrets in the others. */
  headers(headers: ReplyHeaders): ReplyHeaders {
    const kept = Object.entries(headers).filter(([name]) => !SECRET_HEADERS.has(name.toLowerCase()));
    return Object.fromEntries(
      kept.map(([name, value]) => [
        name,
        typeof value === "string" ? this.text(value) : value.map((each) => this.text(each)),
      ]),
    );
  }

  /** A text without secrets. */
  text(text: string): string {
    const pattern = this.#pattern();
    return pattern ? text.replace(pattern, REDACTED) : text;
  }

  /** The same for a text in parts, also where a secret stands across two of them: the second then begins behind it. */
  parts(parts: readonly string[]): string[] {
    const pattern = this.#pattern();
    if (!pattern) return [...parts];
    const whole = parts.join("");
    const places = [...whole.matchAll(pattern)].map((match) => [match.index, match.index + match[0].length] as const);
    const behind = (cut: number): number => places.find(([from, to]) => from < cut && cut < to)?.[1] ?? cut;
    let length = 0;
    const ends = parts.map((part) => {
      length += part.length;
      return behind(length);
    });
    const slices = ends.map((end, index) => whole.slice(ends[index - 1] ?? 0, end));
    return slices.filter((slice) => slice !== "").map((slice) => this.text(slice));
  }

  #learn(secret: string): void {
    if (secret.length < MIN_SECRET_LENGTH) return;
    // As it stands in a header, in a query and within JSON.
    for (const form of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)])
      this.#secrets.add(form);
  }

  #pattern(): RegExp | null {
    if (this.#secrets.size === 0) return null;
    const longestFirst = [...this.#secrets].sort((one, other) => other.length - one.length);
    return new RegExp(longestFirst.map((secret) => secret.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&")).join("|"), "g");
  }
}
