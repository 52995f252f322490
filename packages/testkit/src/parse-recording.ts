import type { Recording } from "./recording.js";
import type { ReplyHeaders } from "./upstream/reply.js";

type Fields = Readonly<Record<string, unknown>>;

/**
 * Checks that a value, such as the JSON of a file, is a {@link Recording}.
 * @throws TypeError naming the field that is wrong
 * @example
 * const recording = parseRecording(JSON.parse(await readFile("recordings/01-post-v1-chat-completions-200.json", "utf8")));
 */
export function parseRecording(value: unknown): Recording {
  const { vendor, about, ...exchange } = fieldsOf(value, "recording");
  const request = fieldsOf(exchange.request, "recording.request");
  const response = fieldsOf(exchange.response, "recording.response");
  return {
    vendor: textOf(vendor, "recording.vendor"),
    about: textOf(about, "recording.about"),
    request: {
      method: textOf(request.method, "recording.request.method"),
      path: textOf(request.path, "recording.request.path"),
      ...(request.headers === undefined ? {} : { headers: headersOf(request.headers, "recording.request.headers") }),
      body: request.body ?? null,
    },
    response: {
      status: statusOf(response.status),
      headers: headersOf(response.headers, "recording.response.headers"),
      body: partsOf(response.body, "recording.response.body"),
    },
  };
}

function fieldsOf(value: unknown, name: string): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields; // each is unknown
  throw new TypeError(`${name} must be an object`);
}

function textOf(value: unknown, name: string): string {
  if (typeof value === "string" && value !== "") return value;
  throw new TypeError(`${name} must be a text that is not empty`);
}

function statusOf(value: unknown): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 200 && value <= 599) return value;
  throw new TypeError("recording.response.status must be a whole number from 200 to 599");
}

function partsOf(value: unknown, name: string): readonly string[] {
  if (isTexts(value)) return value;
  throw new TypeError(`${name} must be a list of texts`);
}

function headersOf(value: unknown, name: string): ReplyHeaders {
  const fields = fieldsOf(value, name);
  const headers: Record<string, string | readonly string[]> = {};
  for (const [header, content] of Object.entries(fields)) {
    if (typeof content !== "string" && !isTexts(content))
      throw new TypeError(`${name}.${header} must be a text or a list of texts`);
    headers[header] = content;
  }
  return headers;
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}
