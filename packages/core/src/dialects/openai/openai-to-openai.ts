import type { Model } from "../../schemas/model.js";
import { type BodyEdit, editBody } from "../body-edit.js";
import type { ChatCall, RequestOptions, Translation, UpstreamBody } from "../translation.js";
import { openaiAnswer } from "./answer.js";
import { openaiFailure } from "./failure.js";
import { OpenaiStreamReader } from "./stream.js";

/** Request keys that are the gateway's own, or one provider's. */
const GATEWAY_FIELDS = ["sluice", "models"];
const PROVIDER_FIELDS = ["provider", "transforms", "route", "plugins"];

/** Caller and upstream speak the same dialect: the body goes on with another model name, the answer comes back as it is. */
export const openaiToOpenai: Translation = {
  request: sameBody,
  answer: (bytes, _call, model) => openaiAnswer(bytes, model.apiModelName),
  stream: (call, model) =>
    new OpenaiStreamReader(model.apiModelName, call.request.stream_options?.include_usage === true),
  failure: openaiFailure,
};

function sameBody(call: ChatCall, model: Model, options: RequestOptions): UpstreamBody {
  const { request, text } = call;
  const edits: BodyEdit[] = [["model", JSON.stringify(model.apiModelName)]];
  for (const field of GATEWAY_FIELDS) if (field in request) edits.push([field, null]);
  for (const field of PROVIDER_FIELDS)
    if (field in request && !options.ownFields.includes(field)) edits.push([field, null]);
  if (request.stream && options.includeUsage && request.stream_options?.include_usage !== true) {
    edits.push(["stream_options", JSON.stringify({ ...request.stream_options, include_usage: true })]);
  }
  return { body: editBody(text, edits) };
}
