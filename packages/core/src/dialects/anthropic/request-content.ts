import { isBase64 } from "../../base64.js";
import type { ChatMessage } from "../../schemas/chat.js";
import type { Block } from "./block.js";
import { cannot } from "./request-error.js";

const IMAGE_TYPES = ["image/jpeg", "image/png", "image/gif", "image/webp"];
/** The API refuses larger images (Anthropic: Vision, image size). */
const MAX_IMAGE_BYTES = 5 * 1024 * 1024;
const CHARACTERS_PER_GROUP = 4;
const BYTES_PER_GROUP = 3;

type Part = Exclude<NonNullable<ChatMessage["content"]>, string>[number];

/** The blocks of a message's content; empty texts, which the API refuses, are left out. */
export function contentBlocks(content: ChatMessage["content"], path: string): Block[] {
  if (content === null || content === undefined) return [];
  if (typeof content === "string") return textBlock(content, undefined);
  return content.flatMap((part, index) => partBlocks(part, `${path}[${index}]`));
}

/** A text block with its cache marker; none for an empty text. */
export function textBlock(text: string, cacheControl: unknown): Block[] {
  return text.trim() === "" ? [] : [{ type: "text", text, ...cached(cacheControl) }];
}

function partBlocks(part: Part, path: string): Block[] {
  switch (part.type) {
    case "text":
      return textBlock(stringAt(part.text, `${path}.text`), part.cache_control);
    case "refusal":
      return textBlock(stringAt(part.refusal, `${path}.refusal`), undefined);
    case "image_url":
      return [
        { type: "image", source: imageSource(part.image_url, `${path}.image_url`), ...cached(part.cache_control) },
      ];
    case "file":
      return [documentBlock(part.file, `${path}.file`, part.cache_control)];
    default:
      throw cannot(`${path}.type`, `this model takes no ${part.type.slice(0, 40)} parts`);
  }
}

/** Remote images are named, never fetched: the provider loads them itself. */
function imageSource(image: unknown, path: string): object {
  const url = typeof image === "string" ? image : stringAt(field(image, "url"), `${path}.url`); // Mistral's form, and OpenAI's
  if (!url.startsWith("data:")) {
    if (!/^https:\/\//i.test(url)) throw cannot(`${path}.url`, "must be an https: or a data: URL");
    return { type: "url", url };
  }
  const { type, data } = dataUrl(url, `${path}.url`);
  if (!IMAGE_TYPES.includes(type)) throw cannot(`${path}.url`, `must be one of ${IMAGE_TYPES.join(", ")}`);
  if (data === "" || !isBase64(data)) throw cannot(`${path}.url`, "holds no base64");
  if ((data.length / CHARACTERS_PER_GROUP) * BYTES_PER_GROUP > MAX_IMAGE_BYTES + BYTES_PER_GROUP)
    throw cannot(`${path}.url`, "must be at most 5 MiB for this model");
  return { type: "base64", media_type: actualType(data) ?? type, data };
}

/** Callers often name the wrong one of these types, which the API refuses; images say themselves what they are. */
function actualType(base64: string): string | undefined {
  const start = Buffer.from(base64.slice(0, 16), "base64").toString("latin1");
  if (start.startsWith("\xff\xd8\xff")) return "image/jpeg";
  if (start.startsWith("\x89PNG")) return "image/png";
  if (start.startsWith("GIF8")) return "image/gif";
  return start.startsWith("RIFF") && start.slice(8, 12) === "WEBP" ? "image/webp" : undefined;
}

function documentBlock(file: unknown, path: string, cacheControl: unknown): Block {
  const data = field(file, "file_data");
  if (typeof data !== "string") throw cannot(path, "only files with file_data can be sent to this model");
  const title = field(file, "filename");
  const named = typeof title === "string" ? { title } : {};
  if (/^https:\/\//i.test(data))
    return { type: "document", source: { type: "url", url: data }, ...named, ...cached(cacheControl) };
  const parsed = dataUrl(data, `${path}.file_data`);
  const source =
    parsed.type === "text/plain"
      ? { type: "text", media_type: "text/plain", data: Buffer.from(parsed.data, "base64").toString("utf8") }
      : { type: "base64", media_type: parsed.type, data: parsed.data };
  if (parsed.type !== "text/plain" && parsed.type !== "application/pdf") {
    throw cannot(`${path}.file_data`, "must be application/pdf or text/plain");
  }
  return { type: "document", source, ...named, ...cached(cacheControl) };
}

/** RFC 2397, the base64 form. */
function dataUrl(url: string, path: string): { readonly type: string; readonly data: string } {
  const comma = url.indexOf(",");
  const [type = "", ...parameters] = url.slice("data:".length, comma).split(";");
  if (!url.startsWith("data:") || comma < 0 || parameters.at(-1) !== "base64")
    throw cannot(path, "must be a base64 data: URL");
  return { type: type.toLowerCase(), data: url.slice(comma + 1) };
}

function cached(cacheControl: unknown): { readonly cache_control?: unknown } {
  return cacheControl === undefined || cacheControl === null ? {} : { cache_control: cacheControl };
}

function stringAt(value: unknown, path: string): string {
  if (typeof value !== "string") throw cannot(path, "expected a string");
  return value;
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
