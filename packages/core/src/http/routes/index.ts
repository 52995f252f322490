import type { Route } from "../route.js";
import { createChatCompletion } from "./chat.js";
import { forwardRoutes } from "./forwards.js";
import { getHealth, getLiveliness, getLiveness, getReadiness, getReadinessAlias } from "./health.js";
import { createModel, deleteModel, getModel, listLayers, listModels, updateModel } from "./models.js";
import { describingRoutes } from "./openapi.js";

/** Every route there is. */
export const routes: readonly Route[] = describingRoutes([
  createChatCompletion,
  ...forwardRoutes,
  listModels,
  createModel,
  listLayers,
  getModel,
  updateModel,
  deleteModel,
  getHealth,
  getLiveness,
  getReadiness,
  getLiveliness,
  getReadinessAlias,
]);
