import { ChatRequest } from "../../schemas/chat.js";
import { ChatCompletion, ChatCompletionChunk } from "../../schemas/chat-completion.js";
import { isPlainChat } from "../../schemas/plain-chat.js";
import { RECEIPT_HEADERS } from "../response-headers.js";
import { defineRoute, jsonReply, type RouteContext, reply } from "../route.js";
import { ROUTING_FAILURES } from "../routing-failures.js";
import type { ChatData } from "../services.js";

/** The largest body of a chat. */
export const MAX_CHAT_BYTES = 32 * 1024 * 1024;

/** POST /v1/chat/completions */
export const createChatCompletion = defineRoute({
  method: "POST",
  path: "/v1/chat/completions",
  operationId: "createChatCompletion",
  summary: "Answer a chat, as JSON or as a stream of server-sent events.",
  tag: "Chat",
  access: "client",
  errors: "openai",
  sheds: true,
  maxBodyBytes: MAX_CHAT_BYTES,
  body: ChatRequest,
  isPlain: isPlainChat,
  response: ChatCompletion,
  stream: {
    description:
      'With `stream: true`: one `data:` event per chunk, then `data: [DONE]`. What fails after the first output ends the stream with `data: {"error": {…}}` and no `[DONE]`.',
    event: ChatCompletionChunk,
  },
  headers: RECEIPT_HEADERS,
  failures: ["context_length_exceeded", ...ROUTING_FAILURES],
  handle(context) {
    const { services, request, requestId, identity, body } = context;
    const caller = { requestId, signal: request.signal, identity, headers: request.headers };
    if (body.sluice?.explain) return jsonReply(200, services.explain(chatData(context), caller));
    return services.chat(chatData(context), caller).then(reply);
  },
});

/** A chat as the caller sent it. */
export function chatData({ services, requestId, body, text }: RouteContext<ChatRequest>): ChatData {
  const created = Math.floor(services.clock.now() / 1_000);
  return { request: body, text, created, id: requestId.replace("req_", "chatcmpl-") };
}
