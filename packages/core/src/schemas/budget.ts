import { z } from "zod";
import type { EntryKind } from "../spec/store.js";
import { named } from "./registry.js";

const fields = {
  id: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, "must be letters, digits, `.`, `_` and `-`")
    .describe("Identifier."),
  scope: z.enum(["global", "key", "user"]).describe("What is limited: everything together, an API key, or a user."),
  subject: z
    .string()
    .min(1)
    .max(256)
    .nullable()
    .describe("Id of the key or user; null: each of them has this budget for itself."),
  window: z.enum(["day", "month"]).describe("How long it lasts, in UTC."),
  limitUsd: z.number().nonnegative().max(9_000_000).describe("US dollars per window."),
};

const globalHasNoSubject = (budget: { scope: string; subject: string | null }) =>
  budget.scope !== "global" || budget.subject === null;

const newFields = { ...fields, subject: fields.subject.default(null) };
const REFUSAL = { path: ["subject"], message: "a global budget has no subject" };

export const NewBudget = named("NewBudget", z.object(newFields).refine(globalHasNoSubject, REFUSAL));

/** A budget in the configuration, where what is not known is a typing mistake. */
export const SeedBudget = z.strictObject(newFields).refine(globalHasNoSubject, REFUSAL);

/** A budget as it is written. */
export type NewBudget = z.input<typeof NewBudget>;

export const StoredBudget = z.object(fields);

/** How much may be spent, by whom, and in what time. */
export type Budget = z.infer<typeof StoredBudget>;

/** How stores keep budgets. */
export const BUDGETS: EntryKind<Budget> = { name: "budgets", schema: StoredBudget, idOf: ({ id }) => id };

export const BudgetPatch = named("BudgetPatch", z.object({ limitUsd: fields.limitUsd }));

/** What can be changed of a budget. */
export type BudgetPatch = z.infer<typeof BudgetPatch>;

export const BudgetView = named(
  "Budget",
  z.object({
    ...fields,
    usedUsd: z
      .number()
      .nullable()
      .describe("Spent in this window, and reserved by calls that run; null where it is each one's own."),
    resetsAt: z.iso.datetime().describe("When the next window begins."),
  }),
);

/** A budget, and how much of it is used. */
export type BudgetView = z.infer<typeof BudgetView>;

export const BudgetList = named("BudgetList", z.object({ data: z.array(BudgetView) }));

export const StoredAlert = z.object({
  id: z.string(),
  at: z.iso.datetime(),
  kind: z.enum(["threshold", "budget"]).describe("The configured threshold was passed, or a budget is spent."),
  budget: z.string().nullable().describe("The budget's id."),
  subject: z.string().nullable().describe("The key or user, where it is about one."),
  window: z.string().describe("The day or month it is about, in UTC."),
  usedUsd: z.number(),
  limitUsd: z.number(),
});

/** Something about money that somebody should know, told once per window. */
export type Alert = z.infer<typeof StoredAlert>;

/** How stores keep alerts. */
export const ALERTS: EntryKind<Alert> = { name: "alerts", schema: StoredAlert, idOf: ({ id }) => id };

export const AlertList = named("AlertList", z.object({ data: z.array(named("Alert", StoredAlert)) }));
