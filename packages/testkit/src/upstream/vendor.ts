import type { Responder } from "../scripted-upstream.js";
import * as anthropic from "./anthropic.js";
import * as openai from "./openai.js";
import type { ReceivedRequest } from "./received-request.js";
import type { Reply } from "./reply.js";

/** What a {@link vendor} answers. */
export interface VendorOptions {
  /** The answer's words, streamed one by one. @defaultValue "Hello from the scripted upstream" */
  readonly text?: string;
  /** The key to insist on; without it any key will do. */
  readonly key?: string;
}

type Body = Readonly<Record<string, unknown>>;

const SAMPLING = ["temperature", "top_p", "top_k"];

/**
 * Answers like the vendors themselves and is as strict: OpenAI's chat API on `…/chat/completions`, Anthropic's on
 * `/v1/messages` in both of its versions, 404 elsewhere.
 */
export function vendor(options: VendorOptions = {}): Responder {
  return (request) => {
    const path = request.path.replace(/\?.*$/, "");
    if (request.method === "POST" && path.endsWith("/chat/completions")) return openaiReply(request, options);
    if (request.method === "POST" && path === "/v1/messages") return anthropicReply(request, options);
    return openai.failure(404, { message: `Unknown path ${path}`, type: "invalid_request_error" });
  };
}

function openaiReply(request: ReceivedRequest, options: VendorOptions): Reply {
  const refuse = (status: number, message: string) =>
    openai.failure(status, { message, type: "invalid_request_error", code: status === 401 ? "invalid_api_key" : null });
  if (!bearerFits(request, options.key)) return refuse(401, "Incorrect API key provided");
  const body = bodyOf(request);
  if (!body) return refuse(400, "We could not parse the JSON body of your request");
  if (typeof body.model !== "string") return refuse(400, "you must provide a model parameter");
  if (!Array.isArray(body.messages) || body.messages.length === 0) return refuse(400, "[] is too short - 'messages'");
  if (body.stream !== true) return openai.completion({ content: textOf(options), model: body.model });
  const usage = isRecord(body.stream_options) && body.stream_options.include_usage === true;
  return openai.stream(words(textOf(options)), { model: body.model, usage });
}

function anthropicReply(request: ReceivedRequest, options: VendorOptions): Reply {
  const refuse = (message: string) => anthropic.failure(400, { type: "invalid_request_error", message });
  const version = request.headers["anthropic-version"];
  if (version !== "2023-06-01" && version !== "2026-10-21") return refuse("anthropic-version: header is required");
  if (!anthropicKeyFits(request, version, options.key))
    return anthropic.failure(401, { type: "authentication_error", message: "invalid credentials" });
  const body = bodyOf(request);
  if (!body) return refuse("The request body is not valid JSON");
  for (const field of ["model", "messages", "max_tokens"])
    if (body[field] === undefined) return refuse(`${field}: Field required`);
  const sampling = version === "2026-10-21" ? SAMPLING.find((field) => body[field] !== undefined) : undefined;
  if (sampling) return refuse(`${sampling}: Extra inputs are not permitted`);
  const model = String(body.model);
  if (body.stream === true) return anthropic.stream(words(textOf(options)), { model });
  return anthropic.message({ content: textOf(options), model });
}

/** 2026-10-21 takes the key as a bearer token, the version before it as `x-api-key`. */
function anthropicKeyFits(request: ReceivedRequest, version: string, key: string | undefined): boolean {
  if (version === "2026-10-21") return bearerFits(request, key);
  const given = request.headers["x-api-key"];
  return key === undefined ? given !== undefined : given === key;
}

function bearerFits({ headers }: ReceivedRequest, key: string | undefined): boolean {
  const given = headers.authorization;
  return key === undefined ? given?.startsWith("Bearer ") === true : given === `Bearer ${key}`;
}

function textOf({ text = "Hello from the scripted upstream" }: VendorOptions): string {
  return text;
}

function words(text: string): string[] {
  return text.match(/\s*\S+/g) ?? [];
}

function bodyOf({ json }: ReceivedRequest): Body | null {
  return isRecord(json) ? json : null;
}

function isRecord(value: unknown): value is Body {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
