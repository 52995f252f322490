import { AlertList, BudgetList, BudgetPatch, BudgetView, NewBudget } from "../../schemas/budget.js";
import { Deleted } from "../../schemas/deleted.js";
import { actorOf } from "../actor.js";
import { defineRoute } from "../route.js";

const TAG = "Budgets";

/** GET /v1/budgets */
export const listBudgets = defineRoute({
  method: "GET",
  path: "/v1/budgets",
  operationId: "listBudgets",
  summary: "List the budgets, and how much of each is used.",
  tag: TAG,
  access: "viewer",
  response: BudgetList,
  handle: async ({ services }) => ({ data: [...(await services.budgets.list())] }),
});

/** POST /v1/budgets */
export const createBudget = defineRoute({
  method: "POST",
  path: "/v1/budgets",
  operationId: "createBudget",
  summary: "Add a budget. Several may hold for one call: each of them must have room.",
  tag: TAG,
  access: "admin",
  status: 201,
  body: NewBudget,
  response: BudgetView,
  failures: ["conflict", "store_unavailable"],
  handle: (context) => context.services.budgets.create(context.body, actorOf(context)),
});

/** PATCH /v1/budgets/:id */
export const updateBudget = defineRoute({
  method: "PATCH",
  path: "/v1/budgets/:id",
  operationId: "updateBudget",
  summary: "Change how much a budget holds.",
  tag: TAG,
  access: "admin",
  body: BudgetPatch,
  response: BudgetView,
  failures: ["not_found", "store_unavailable"],
  handle: (context) => context.services.budgets.update(context.params.id ?? "", context.body, actorOf(context)),
});

/** DELETE /v1/budgets/:id */
export const deleteBudget = defineRoute({
  method: "DELETE",
  path: "/v1/budgets/:id",
  operationId: "deleteBudget",
  summary: "Remove a budget.",
  tag: TAG,
  access: "admin",
  response: Deleted,
  failures: ["not_found", "store_unavailable"],
  async handle(context) {
    const id = context.params.id ?? "";
    await context.services.budgets.remove(id, actorOf(context));
    return { id, deleted: true as const };
  },
});

/** GET /v1/alerts */
export const listAlerts = defineRoute({
  method: "GET",
  path: "/v1/alerts",
  operationId: "listAlerts",
  summary: "List what was said about money: thresholds passed, budgets spent; the newest first.",
  tag: TAG,
  access: "viewer",
  response: AlertList,
  handle: ({ services }) => ({ data: [...services.alerts.list()] }),
});

/** DELETE /v1/alerts/:id */
export const deleteAlert = defineRoute({
  method: "DELETE",
  path: "/v1/alerts/:id",
  operationId: "deleteAlert",
  summary: "Take an alert off the list. It is not raised again in its window.",
  tag: TAG,
  access: "admin",
  response: Deleted,
  failures: ["not_found", "store_unavailable"],
  async handle(context) {
    const id = context.params.id ?? "";
    await context.services.alerts.remove(id, actorOf(context));
    return { id, deleted: true as const };
  },
});
