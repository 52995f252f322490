import { GatewayError } from "../../errors.js";
import { ModelPatch, NewModel } from "../../schemas/model.js";
import { DeletedModel, LayersView, ModelList, ModelView } from "../../schemas/model-view.js";
import { actorOf } from "../actor.js";
import { layerViews } from "../layers-view.js";
import { modelView } from "../model-view.js";
import { defineRoute } from "../route.js";

const TAG = "Models";

/** The model a path names. `layers` is a route of its own and never a model. */
function idOf({ id = "" }: Readonly<Record<string, string>>): string {
  if (id !== "layers") return id;
  throw new GatewayError("invalid_request", { param: "id", details: "id: layers is a reserved name" });
}

/** GET /v1/models */
export const listModels = defineRoute({
  method: "GET",
  path: "/v1/models",
  operationId: "listModels",
  summary: "List the models of the catalogue; for a key that may use some alone, those.",
  tag: TAG,
  access: "client",
  errors: "openai",
  response: ModelList,
  handle: ({ services, identity }) => ({
    object: "list" as const,
    data: services.models.list(identity).map(modelView),
  }),
});

/** GET /v1/models/layers */
export const listLayers = defineRoute({
  method: "GET",
  path: "/v1/models/layers",
  operationId: "listLayers",
  summary: "List the models grouped by layer; for a key that may use some alone, those.",
  tag: TAG,
  access: "client",
  errors: "openai",
  response: LayersView,
  handle: ({ services: { models }, identity }) => ({
    layers: layerViews(models.list(identity), models.layerEnabled),
  }),
});

/** GET /v1/models/:id */
export const getModel = defineRoute({
  method: "GET",
  path: "/v1/models/:id",
  operationId: "getModel",
  summary: "Look at one model.",
  tag: TAG,
  access: "client",
  errors: "openai",
  response: ModelView,
  failures: ["model_not_found"],
  handle: ({ services, params, identity }) => modelView(services.models.get(idOf(params), identity)),
});

/** POST /v1/models */
export const createModel = defineRoute({
  method: "POST",
  path: "/v1/models",
  operationId: "createModel",
  summary: "Add a model.",
  tag: TAG,
  access: "operator",
  status: 201,
  body: NewModel,
  response: ModelView,
  failures: ["conflict", "store_unavailable"],
  handle: async (context) => modelView(await context.services.models.create(context.body, actorOf(context))),
});

/** PUT /v1/models/:id */
export const updateModel = defineRoute({
  method: "PUT",
  path: "/v1/models/:id",
  operationId: "updateModel",
  summary: "Change some fields of a model.",
  tag: TAG,
  access: "operator",
  body: ModelPatch,
  response: ModelView,
  failures: ["model_not_found", "store_unavailable"],
  async handle(context) {
    const { services, params, body } = context;
    return modelView(await services.models.update(idOf(params), body, actorOf(context)));
  },
});

/** DELETE /v1/models/:id */
export const deleteModel = defineRoute({
  method: "DELETE",
  path: "/v1/models/:id",
  operationId: "deleteModel",
  summary: "Remove a model.",
  tag: TAG,
  access: "operator",
  response: DeletedModel,
  failures: ["model_not_found", "store_unavailable"],
  async handle(context) {
    const id = idOf(context.params);
    await context.services.models.remove(id, actorOf(context));
    return { id, deleted: true as const };
  },
});
