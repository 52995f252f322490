import type { Route } from "../route.js";
import { listAudit } from "./audit.js";
import { changePassword, getMe, login, logout } from "./auth.js";
import { budgetRoutes } from "./budgets.js";
import { createChatCompletion } from "./chat.js";
import { configRoutes } from "./config.js";
import { explainRoute, getRouteAudit } from "./explain.js";
import { forwardRoutes } from "./forwards.js";
import { getHealth, getLiveliness, getLiveness, getReadiness, getReadinessAlias } from "./health.js";
import { hostKeyRoutes } from "./host-keys.js";
import { keyRoutes } from "./keys.js";
import { mcpRoutes } from "./mcp.js";
import { createModel, deleteModel, getModel, listLayers, listModels, updateModel } from "./models.js";
import { describingRoutes } from "./openapi.js";
import { presetRoutes } from "./presets.js";
import { providerRoutes } from "./providers.js";
import { terminalRoutes } from "./terminal.js";
import { getRequest, getUsage, listRequests } from "./usage.js";
import { userRoutes } from "./users.js";

/** Every route there is. */
export const routes: readonly Route[] = describingRoutes([
  createChatCompletion,
  explainRoute,
  getRouteAudit,
  ...forwardRoutes,
  listModels,
  createModel,
  listLayers,
  getModel,
  updateModel,
  deleteModel,
  ...providerRoutes,
  ...presetRoutes,
  ...hostKeyRoutes, // before the routes of one terminal, whose id would take the name in
  ...terminalRoutes,
  ...mcpRoutes,
  login,
  logout,
  changePassword,
  getMe,
  ...keyRoutes,
  ...userRoutes,
  listAudit,
  ...budgetRoutes,
  getUsage,
  listRequests,
  getRequest,
  ...configRoutes,
  getHealth,
  getLiveness,
  getReadiness,
  getLiveliness,
  getReadinessAlias,
]);
