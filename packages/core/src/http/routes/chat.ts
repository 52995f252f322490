import { ChatCompletion } from "../../schemas/chat-completion.js";
import { ChatRequest } from "../../schemas/chat.js";
import { defineRoute, reply } from "../route.js";

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
  response: ChatCompletion,
  stream: "With `stream: true`: one `data:` event per ChatCompletionChunk, then `data: [DONE]`; an error after the first output is `data: {\"error\": {…}}` and the end.",
  failures: [400, 401, 404, 413, 415, 429, 502, 503, 504],
  async handle({ services, request, requestId, body, text }) {
    const call = {
      request: body,
      text,
      created: Math.floor(services.clock.now() / 1_000),
      id: requestId.replace("req_", "chatcmpl-"),
    };
    return reply(await services.chat.respond(call, { requestId, signal: request.signal }));
  },
});
