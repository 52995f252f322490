import { AlertList, BudgetList, BudgetPatch, BudgetView, NewBudget } from "../../schemas/budget.js";
import { type Collection, createRoute, listRoute, removeRoute, updateRoute } from "../collection.js";
import type { Route } from "../route.js";
import type { AlertsService, BudgetsService } from "../services.js";

const COMMON = { tag: "Budgets", read: "viewer", write: "admin" } as const;

const BUDGETS: Collection<BudgetsService> = {
  ...COMMON,
  path: "/v1/budgets",
  noun: "Budget",
  service: ({ budgets }) => budgets,
};

const ALERTS: Collection<AlertsService> = {
  ...COMMON,
  path: "/v1/alerts",
  noun: "Alert",
  service: ({ alerts }) => alerts,
};

/** The routes of budgets, and of what was said about money. */
export const budgetRoutes: readonly Route[] = [
  listRoute(BUDGETS, {
    summary: "List the budgets, and how much of each is used.",
    response: BudgetList,
    answer: (data) => ({ data }),
  }),
  createRoute(BUDGETS, {
    summary: "Add a budget. Several may hold for one call: each of them must have room.",
    body: NewBudget,
    response: BudgetView,
  }),
  updateRoute(BUDGETS, { summary: "Change how much a budget holds.", body: BudgetPatch, response: BudgetView }),
  removeRoute(BUDGETS, { summary: "Remove a budget." }),
  listRoute(ALERTS, {
    summary: "List what was said about money: thresholds passed, budgets spent; the newest first.",
    response: AlertList,
    answer: (data) => ({ data }),
  }),
  removeRoute(ALERTS, { summary: "Take an alert off the list. It is not raised again in its window." }),
];
