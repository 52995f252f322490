import { ApiKeyList, ApiKeyPatch, ApiKeySecret, ApiKeyView, NewApiKey, Rotation } from "../../schemas/api-key.js";
import { Deleted } from "../../schemas/deleted.js";
import { actorOf } from "../actor.js";
import { defineRoute } from "../route.js";

/** Everybody but admins sees and changes their own keys only. */
const COMMON = { tag: "API keys", access: "operator" } as const;

/** GET /v1/keys */
export const listKeys = defineRoute({
  ...COMMON,
  method: "GET",
  path: "/v1/keys",
  operationId: "listKeys",
  summary: "List the API keys, the newest first; for everybody but admins, their own.",
  response: ApiKeyList,
  handle: (context) => ({ data: [...context.services.keys.list(actorOf(context))] }),
});

/** POST /v1/keys */
export const createKey = defineRoute({
  ...COMMON,
  method: "POST",
  path: "/v1/keys",
  operationId: "createKey",
  summary: "Make an API key. Its secret is shown this once.",
  status: 201,
  body: NewApiKey,
  response: ApiKeySecret,
  failures: ["store_unavailable"],
  handle: (context) => context.services.keys.create(context.body, actorOf(context)),
});

/** GET /v1/keys/:id */
export const getKey = defineRoute({
  ...COMMON,
  method: "GET",
  path: "/v1/keys/:id",
  operationId: "getKey",
  summary: "Look at one API key.",
  response: ApiKeyView,
  failures: ["not_found"],
  handle: (context) => context.services.keys.get(context.params.id ?? "", actorOf(context)),
});

/** PATCH /v1/keys/:id */
export const updateKey = defineRoute({
  ...COMMON,
  method: "PATCH",
  path: "/v1/keys/:id",
  operationId: "updateKey",
  summary: "Change what an API key may do.",
  body: ApiKeyPatch,
  response: ApiKeyView,
  failures: ["not_found", "store_unavailable"],
  handle: (context) => context.services.keys.update(context.params.id ?? "", context.body, actorOf(context)),
});

/** POST /v1/keys/:id/rotate */
export const rotateKey = defineRoute({
  ...COMMON,
  method: "POST",
  path: "/v1/keys/:id/rotate",
  operationId: "rotateKey",
  summary: "Give an API key another secret. The old one is good for `overlapSeconds` more.",
  status: 201,
  body: Rotation,
  bodyIsOptional: true,
  response: ApiKeySecret,
  failures: ["not_found", "store_unavailable"],
  handle: (context) => context.services.keys.rotate(context.params.id ?? "", context.body, actorOf(context)),
});

/** DELETE /v1/keys/:id */
export const deleteKey = defineRoute({
  ...COMMON,
  method: "DELETE",
  path: "/v1/keys/:id",
  operationId: "deleteKey",
  summary: "Revoke an API key, at once and for good.",
  response: Deleted,
  failures: ["not_found", "store_unavailable"],
  async handle(context) {
    const { id = "" } = context.params;
    await context.services.keys.remove(id, actorOf(context));
    return { id, deleted: true as const };
  },
});
