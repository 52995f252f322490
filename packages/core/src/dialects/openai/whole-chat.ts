import { editBody } from "../body-edit.js";
import type { ChatData } from "../model-call.js";

/** The same chat, asked for in one piece instead of as a stream. */
export function wholeChat({ request, text, ...rest }: ChatData): ChatData {
  const { stream, stream_options, ...whole } = request;
  const edited = editBody(text, [
    ["stream", null],
    ["stream_options", null],
  ]);
  return { ...rest, request: whole, text: edited };
}
