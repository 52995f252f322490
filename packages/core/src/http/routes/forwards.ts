import type { z } from "zod";
import { GatewayError } from "../../errors.js";
import {
  Completion,
  CompletionRequest,
  EmbeddingList,
  EmbeddingRequest,
  ImageRequest,
  Images,
  Moderation,
  ModerationRequest,
  Ranking,
  RerankRequest,
  SpeechRequest,
  Transcript,
  TypedEvent,
} from "../../schemas/forward.js";
import type { Operation } from "../../schemas/operation.js";
import { RECEIPT_HEADERS } from "../response-headers.js";
import { defineRoute, type EventStream, type Form, type Route, reply } from "../route.js";
import { ROUTING_FAILURES } from "../routing-failures.js";

const MIB = 1024 * 1024;

/** One endpoint that is routed by model and else forwarded. */
interface Forward {
  readonly operation: Operation;
  readonly operationId: string;
  readonly summary: string;
  readonly response: z.ZodType | string;
  readonly stream?: EventStream;
  readonly maxBodyBytes: number;
}

const COMMON = { method: "POST", tag: "Models at work", access: "client", errors: "openai", sheds: true } as const;

/** A JSON request: the model's name in it is replaced, the rest goes on as it came. */
function jsonForward<Body extends z.ZodType<{ readonly model: string }>>({
  operation,
  ...definition
}: Forward & { body: Body }): Route {
  return defineRoute({
    ...COMMON,
    ...definition,
    path: pathOf(operation),
    headers: RECEIPT_HEADERS,
    failures: ROUTING_FAILURES,
    async handle({ services, request: { signal, headers }, requestId, identity, body, text }) {
      const data = { operation, request: body as z.output<Body>, body: text }; // validated by `body`
      return reply(await services.forward(data, { requestId, signal, identity, headers }));
    },
  });
}

/** A form: its bytes go on unread, so the model stands in a header. */
function formForward({ operation, ...definition }: Forward): Route {
  return defineRoute({
    ...COMMON,
    ...definition,
    path: pathOf(operation),
    takesForm: true,
    headers: RECEIPT_HEADERS,
    failures: ROUTING_FAILURES,
    async handle({ services, request, requestId, identity, form }) {
      const { bytes, contentType } = form as Form; // the funnel has read it
      const data = { operation, request: { model: modelOf(request.headers) }, body: bytes, contentType };
      return reply(
        await services.forward(data, { requestId, signal: request.signal, identity, headers: request.headers }),
      );
    },
  });
}

function pathOf(operation: Operation): string {
  return `/v1/${operation.replace(".", "/")}`;
}

function modelOf(headers: { get(name: string): string | null }): string {
  const model = headers.get("x-sluice-model");
  if (model !== null && model !== "") return model;
  throw new GatewayError("invalid_request", {
    param: "x-sluice-model",
    details: "x-sluice-model: name the model in this header too; the form itself is forwarded unread",
  });
}

const typedEvents: EventStream = {
  description: "With `stream: true`, where the model can: one `data:` event per part.",
  event: TypedEvent,
};

/** Every endpoint of OpenAI's API that is routed by model, besides the chat. */
export const forwardRoutes: readonly Route[] = [
  jsonForward({
    operation: "embeddings",
    operationId: "createEmbedding",
    summary: "Turn texts into vectors.",
    body: EmbeddingRequest,
    response: EmbeddingList,
    maxBodyBytes: 10 * MIB,
  }),
  jsonForward({
    operation: "completions",
    operationId: "createCompletion",
    summary: "Go on from a text: the endpoint from before there were chats.",
    body: CompletionRequest,
    response: Completion,
    stream: {
      description: "With `stream: true`: one `data:` event per chunk, then `data: [DONE]`.",
      event: Completion,
    },
    maxBodyBytes: 32 * MIB,
  }),
  jsonForward({
    operation: "moderations",
    operationId: "createModeration",
    summary: "Judge whether texts or pictures break a provider's rules.",
    body: ModerationRequest,
    response: Moderation,
    maxBodyBytes: 10 * MIB,
  }),
  jsonForward({
    operation: "rerank",
    operationId: "createRanking",
    summary: "Order documents by how well they fit a query.",
    body: RerankRequest,
    response: Ranking,
    maxBodyBytes: 10 * MIB,
  }),
  jsonForward({
    operation: "images.generations",
    operationId: "createImage",
    summary: "Make pictures from a text.",
    body: ImageRequest,
    response: Images,
    stream: typedEvents,
    maxBodyBytes: 10 * MIB,
  }),
  jsonForward({
    operation: "audio.speech",
    operationId: "createSpeech",
    summary: "Read a text aloud; the sound comes as it is made.",
    body: SpeechRequest,
    response: "audio/mpeg",
    maxBodyBytes: 10 * MIB,
  }),
  formForward({
    operation: "images.edits",
    operationId: "createImageEdit",
    summary: "Change pictures as a text says. The model stands in `x-sluice-model`.",
    response: Images,
    stream: typedEvents,
    maxBodyBytes: 32 * MIB,
  }),
  formForward({
    operation: "images.variations",
    operationId: "createImageVariation",
    summary: "Make pictures like this one. The model stands in `x-sluice-model`.",
    response: Images,
    maxBodyBytes: 32 * MIB,
  }),
  formForward({
    operation: "audio.transcriptions",
    operationId: "createTranscription",
    summary: "Write down what was said. The model stands in `x-sluice-model`.",
    response: Transcript,
    stream: typedEvents,
    maxBodyBytes: 32 * MIB,
  }),
  formForward({
    operation: "audio.translations",
    operationId: "createTranslation",
    summary: "Write down in English what was said. The model stands in `x-sluice-model`.",
    response: Transcript,
    maxBodyBytes: 32 * MIB,
  }),
];
