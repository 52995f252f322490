import { Deleted } from "../../schemas/deleted.js";
import { NewProvider, ProviderList, ProviderPatch, ProviderView } from "../../schemas/provider.js";
import { actorOf } from "../actor.js";
import { defineRoute, type Route } from "../route.js";

const TAG = "Providers";

/** GET /v1/providers */
const listProviders = defineRoute({
  method: "GET",
  path: "/v1/providers",
  operationId: "listProviders",
  summary: "List the providers, on or off. Secrets are never shown.",
  tag: TAG,
  access: "viewer",
  response: ProviderList,
  handle: ({ services }) => ({ data: [...services.providers.list()] }),
});

/** POST /v1/providers */
const createProvider = defineRoute({
  method: "POST",
  path: "/v1/providers",
  operationId: "createProvider",
  summary: "Add a provider. Its secrets are kept under the master key.",
  tag: TAG,
  access: "admin",
  status: 201,
  body: NewProvider,
  response: ProviderView,
  failures: ["conflict", "not_configured", "store_unavailable"],
  handle: (context) => context.services.providers.create(context.body, actorOf(context)),
});

/** GET /v1/providers/:id */
const getProvider = defineRoute({
  method: "GET",
  path: "/v1/providers/:id",
  operationId: "getProvider",
  summary: "Look at one provider.",
  tag: TAG,
  access: "viewer",
  response: ProviderView,
  failures: ["not_found"],
  handle: ({ services, params: { id = "" } }) => services.providers.get(id),
});

/** PATCH /v1/providers/:id */
const updateProvider = defineRoute({
  method: "PATCH",
  path: "/v1/providers/:id",
  operationId: "updateProvider",
  summary: "Change a provider while it is in use: calls that run are finished as they were.",
  tag: TAG,
  access: "admin",
  body: ProviderPatch,
  response: ProviderView,
  failures: ["not_found", "conflict", "not_configured", "store_unavailable"],
  handle: (context) => context.services.providers.update(context.params.id ?? "", context.body, actorOf(context)),
});

/** DELETE /v1/providers/:id */
const deleteProvider = defineRoute({
  method: "DELETE",
  path: "/v1/providers/:id",
  operationId: "deleteProvider",
  summary: "Take a provider out of service: calls that run on it are finished. Its models stay, and are passed over.",
  tag: TAG,
  access: "admin",
  response: Deleted,
  failures: ["not_found", "conflict", "store_unavailable"],
  async handle(context) {
    const { id = "" } = context.params;
    await context.services.providers.remove(id, actorOf(context));
    return { id, deleted: true as const };
  },
});

/** The routes of providers. */
export const providerRoutes: readonly Route[] = [
  listProviders,
  createProvider,
  getProvider,
  updateProvider,
  deleteProvider,
];
