import type { Model } from "../../schemas/model.js";
import type { Provider } from "../../spec/provider.js";
import { type BodyEdit, editBody } from "../body-edit.js";
import { isEventStream } from "../event-stream.js";
import type { ChatData } from "../model-call.js";
import type { Answer, StreamReader, UpstreamCall } from "../upstream-call.js";
import type { UpstreamFailure } from "../upstream-failure.js";
import { wantsUsage } from "../wants-usage.js";
import { openaiAnswer } from "./answer.js";
import { openaiFailure } from "./failure.js";
import { foreignFields, usageField } from "./request-fields.js";
import { OpenaiStreamReader } from "./stream.js";

/** Caller and upstream speak the same dialect: the body goes on with another model name, the answer comes back as it is. */
export class OpenaiChat implements UpstreamCall {
  readonly body: string;
  readonly #chat: ChatData;
  readonly #apiModelName: string;

  constructor(chat: ChatData, { apiModelName }: Model, provider: Provider) {
    const { request, text } = chat;
    const edits: BodyEdit[] = [["model", JSON.stringify(apiModelName)]];
    foreignFields(request, provider, edits);
    usageField(request, provider, edits);
    this.body = editBody(text, edits);
    this.#chat = chat;
    this.#apiModelName = apiModelName;
  }

  answer(bytes: Buffer): Answer {
    return openaiAnswer(bytes, this.#apiModelName);
  }

  stream(contentType: string | undefined): StreamReader | null {
    const { request } = this.#chat;
    if (!request.stream || !isEventStream(contentType)) return null;
    return new OpenaiStreamReader(this.#apiModelName, wantsUsage(request));
  }

  failure(status: number, bytes: Buffer): UpstreamFailure {
    return openaiFailure(status, bytes);
  }
}
