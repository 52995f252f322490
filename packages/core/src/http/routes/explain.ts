import { ChatRequest } from "../../schemas/chat.js";
import { RouteAudit } from "../../schemas/route-audit.js";
import { RouteDecision } from "../../schemas/route-decision.js";
import { defineRoute } from "../route.js";
import { ROUTING_FAILURES } from "../routing-failures.js";
import { chatData, MAX_CHAT_BYTES } from "./chat.js";

/** POST /v1/route/explain */
export const explainRoute = defineRoute({
  method: "POST",
  path: "/v1/route/explain",
  operationId: "explainRoute",
  summary: "Say how a chat would be routed, without calling anybody.",
  tag: "Chat",
  access: "client",
  errors: "openai",
  maxBodyBytes: MAX_CHAT_BYTES,
  body: ChatRequest,
  response: RouteDecision,
  failures: ROUTING_FAILURES,
  handle: (context) =>
    context.services.explain(chatData(context), {
      requestId: context.requestId,
      signal: context.request.signal,
      identity: context.identity,
    }),
});

/** GET /v1/route/audit */
export const getRouteAudit = defineRoute({
  method: "GET",
  path: "/v1/route/audit",
  operationId: "getRouteAudit",
  summary: "Say how often the highest layer's answer was another one than the cheap model's.",
  tag: "Chat",
  access: "viewer",
  response: RouteAudit,
  handle: ({ services }) => services.routeAudit(),
});
