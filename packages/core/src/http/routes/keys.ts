import { ApiKeyList, ApiKeyPatch, ApiKeySecret, ApiKeyView, NewApiKey, Rotation } from "../../schemas/api-key.js";
import { actorOf } from "../actor.js";
import { type Collection, createRoute, getRoute, listRoute, removeRoute, updateRoute } from "../collection.js";
import { defineRoute, type Route } from "../route.js";
import type { KeysService } from "../services.js";

/** Everybody but admins sees and changes their own keys only. */
const KEYS: Collection<KeysService> = {
  path: "/v1/keys",
  tag: "API keys",
  noun: "Key",
  read: "operator",
  write: "operator",
  service: ({ keys }) => keys,
};

/** POST /v1/keys/:id/rotate */
const rotateKey = defineRoute({
  method: "POST",
  path: "/v1/keys/:id/rotate",
  operationId: "rotateKey",
  summary: "Give an API key another secret. The old one is good for `overlapSeconds` more.",
  tag: KEYS.tag,
  access: KEYS.write,
  status: 201,
  body: Rotation,
  bodyIsOptional: true,
  response: ApiKeySecret,
  failures: ["not_found", "store_unavailable"],
  handle: (context) => context.services.keys.rotate(context.params.id ?? "", context.body, actorOf(context)),
});

/** The routes of API keys. */
export const keyRoutes: readonly Route[] = [
  listRoute(KEYS, {
    summary: "List the API keys, the newest first; for everybody but admins, their own.",
    response: ApiKeyList,
    answer: (data) => ({ data }),
  }),
  createRoute(KEYS, {
    summary: "Make an API key. Its secret is shown this once.",
    body: NewApiKey,
    response: ApiKeySecret,
    failures: [],
  }),
  getRoute(KEYS, { summary: "Look at one API key.", response: ApiKeyView }),
  updateRoute(KEYS, { summary: "Change what an API key may do.", body: ApiKeyPatch, response: ApiKeyView }),
  rotateKey,
  removeRoute(KEYS, { summary: "Revoke an API key, at once and for good." }),
];
