import type { Migration } from "kysely";
import { models } from "./0001-models.js";
import { entries } from "./0002-entries.js";
import { usage } from "./0003-usage.js";

/** Every migration, in order of its name. One that was released is never edited; a new one is added. */
export const migrations: Readonly<Record<string, Migration>> = {
  "0001-models": models,
  "0002-entries": entries,
  "0003-usage": usage,
};
