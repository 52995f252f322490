import type { Model } from "../../schemas/model.js";
import type { Operation } from "../../schemas/operation.js";
import type { Provider } from "../../spec/provider.js";
import { type BodyEdit, editBody } from "../body-edit.js";
import { isEventStream } from "../event-stream.js";
import type { ForwardData } from "../model-call.js";
import type { Answer, StreamReader, UpstreamCall } from "../upstream-call.js";
import { UpstreamFailure } from "../upstream-failure.js";
import { inEncoding } from "./embedding-encoding.js";
import { openaiFailure, openaiInBandFailure } from "./failure.js";
import { ByteReader, EventReader } from "./forward-readers.js";
import { foreignFields, usageField } from "./request-fields.js";
import { OpenaiStreamReader } from "./stream.js";
import { openaiUsage } from "./usage.js";

/** Operations whose answer is sound, which goes on as it comes. */
const SOUND: ReadonlySet<Operation> = new Set(["audio.speech"]);
const SOUND_TYPE = /^(?:audio\/|application\/octet-stream\b)/i;

/** Operations whose answer may be plain text: subtitles, a transcript. */
const TEXT: ReadonlySet<Operation> = new Set(["audio.transcriptions", "audio.translations"]);
const TEXT_TYPE = /^(?:text\/(?!html)|application\/x-subrip\b)/i;

/** An embedding, a picture, a transcript: the body goes on with another model name, the answer comes back as it is. */
export class OpenaiForward implements UpstreamCall {
  readonly body: string | Uint8Array;
  readonly headers: Readonly<Record<string, string>> | undefined;
  readonly #data: ForwardData;
  readonly #apiModelName: string;

  constructor(data: ForwardData, { apiModelName }: Model, provider: Provider) {
    this.body = typeof data.body === "string" ? edited(data, data.body, apiModelName, provider) : data.body;
    this.headers = data.contentType === undefined ? undefined : { "content-type": data.contentType };
    this.#data = data;
    this.#apiModelName = apiModelName;
  }

  answer(bytes: Buffer, contentType = ""): Answer {
    const { operation, request } = this.#data;
    if (TEXT.has(operation) && TEXT_TYPE.test(contentType)) return { body: bytes, usage: null, contentType };
    const body = parseObject(bytes);
    if (!body) throw new UpstreamFailure("upstream_failed", { details: "answered with something that is not JSON" });
    if (body.error !== undefined && body.error !== null) throw openaiInBandFailure(body);
    if (SOUND.has(operation)) throw new UpstreamFailure("upstream_failed", { details: "answered without sound" });
    if (operation === "embeddings" && !Array.isArray(body.data)) {
      throw new UpstreamFailure("upstream_failed", { details: "answered without embeddings" });
    }
    const usage = openaiUsage(body.usage);
    return { body: operation === "embeddings" ? inEncoding(body, bytes, request) : bytes, usage };
  }

  stream(contentType: string | undefined): StreamReader | null {
    const { operation, request } = this.#data;
    if (contentType === undefined && !request.stream) return null;
    if (isEventStream(contentType)) {
      if (operation !== "completions") return new EventReader();
      return new OpenaiStreamReader(this.#apiModelName, wantsUsage(request));
    }
    const sound = SOUND.has(operation) && contentType !== undefined && SOUND_TYPE.test(contentType);
    return sound ? new ByteReader(contentType) : null;
  }

  failure(status: number, bytes: Buffer): UpstreamFailure {
    return openaiFailure(status, bytes);
  }
}

function edited({ operation, request }: ForwardData, text: string, apiModelName: string, provider: Provider): string {
  const edits: BodyEdit[] = [["model", JSON.stringify(apiModelName)]];
  foreignFields(request, provider, edits);
  if (operation === "completions") usageField(request, provider, edits);
  return editBody(text, edits);
}

function wantsUsage(request: object): boolean {
  const options: unknown = Reflect.get(request, "stream_options");
  return (
    typeof options === "object" && options !== null && "include_usage" in options && options.include_usage === true
  );
}

/** Parses a JSON object; null for everything else. */
function parseObject(bytes: Buffer): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(bytes.toString("utf8"));
    if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
    return value as Readonly<Record<string, unknown>>; // a JSON object has string keys
  } catch {
    return null;
  }
}
