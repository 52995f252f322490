import { ChatRequest } from "../../schemas/chat.js";
import { ChatCompletion, ChatCompletionChunk } from "../../schemas/chat-completion.js";
import { isPlainChat } from "../../schemas/plain-chat.js";
import { RECEIPT_HEADERS } from "../response-headers.js";
import { defineRoute, reply } from "../route.js";
import { ROUTING_FAILURES } from "../routing-failures.js";

const MAX_CHAT_BYTES = 32 * 1024 * 1024;

/** POST /v1/chat/completions */
export const createChatCompletion = defineRoute({
  method: "POST",
  path: "/v1/chat/completions",
  operationId: "createChatCompletion",
  summary: "Answer a chat, as JSON or as a stream of server-sent events.",
  tag: "Chat",
  access: "client",
  errors: "openai",
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
  async handle({ services, request, requestId, identity, body, text }) {
    const chat = {
      request: body,
      text,
      created: Math.floor(services.clock.now() / 1_000),
      id: requestId.replace("req_", "chatcmpl-"),
    };
    return reply(await services.chat(chat, { requestId, signal: request.signal, identity }));
  },
});
