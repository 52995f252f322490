import type { Budget, BudgetPatch, BudgetView, NewBudget } from "../../schemas/budget.js";
import type { RecordAudit } from "../../spec/audit.js";
import type { Actor } from "../../spec/call.js";
import type { Alerts } from "./alerts.js";
import type { Budgets } from "./budgets.js";

const SYSTEM: Actor = {};

/** Changes of budgets, each with a row of the audit log that says what it held before and after. */
export function auditedBudgets(budgets: Budgets, record: RecordAudit) {
  return {
    list: () => budgets.list(),
    async create(input: NewBudget, actor = SYSTEM): Promise<BudgetView> {
      const made = await budgets.create(input);
      record({ action: "budget.create", target: made.id, details: factsOf(made) }, actor);
      return made;
    },
    async update(id: string, patch: BudgetPatch, actor = SYSTEM): Promise<BudgetView> {
      const { before, after } = await budgets.update(id, patch);
      const details = { limitUsdBefore: before.limitUsd, limitUsd: after.limitUsd };
      record({ action: "budget.update", target: id, details }, actor);
      return after;
    },
    async remove(id: string, actor = SYSTEM): Promise<void> {
      const before = await budgets.remove(id);
      record({ action: "budget.delete", target: id, details: factsOf(before) }, actor);
    },
  };
}

/** Alerts, where taking one off the list leaves a row in the audit log. */
export function auditedAlerts(alerts: Alerts, record: RecordAudit) {
  return {
    list: () => alerts.list(),
    async remove(id: string, actor = SYSTEM): Promise<void> {
      const { kind, usedUsd, limitUsd } = await alerts.remove(id);
      record({ action: "alert.delete", target: id, details: { kind, usedUsd, limitUsd } }, actor);
    },
  };
}

function factsOf({ scope, subject, window, limitUsd }: Budget) {
  return { scope, subject, window, limitUsd };
}
